package io.toolgate.internal.attempt;

import io.toolgate.ToolGateException;
import io.toolgate.internal.base.CallCounters;
import io.toolgate.internal.base.CallCounters.Counter;
import io.toolgate.internal.base.GateThreads;
import io.toolgate.internal.base.ListenerEvents;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The watch for late leases: those that were not renewed for half of their length. It runs on the gate's timer, because
 * the thread that renews them may hang in the store. A length is watched for as long as it has attempts.
 */
final class LateLeases {
    private static final Logger log = LoggerFactory.getLogger(LateLeases.class);

    private static final long SHORTEST_PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(1);

    private final Function<Duration, @Nullable Kept> kept;
    private final ListenerEvents events;
    private final CallCounters counters;
    private final GateThreads threads;

    /** The lengths whose next check is planned. */
    private final Set<Duration> planned = ConcurrentHashMap.newKeySet();

    /**
     * The attempts whose leases of one length are renewed now.
     *
     * @param cause why those of them that are late are so
     */
    record Kept(List<LiveAttempt> attempts, String cause) {}

    /** A watch over what {@code kept} returns for a length, null for one without attempts; it must not block. */
    LateLeases(
            Function<Duration, @Nullable Kept> kept,
            ListenerEvents events,
            CallCounters counters,
            GateThreads threads) {
        this.kept = kept;
        this.events = events;
        this.counters = counters;
        this.threads = threads;
    }

    /** Watches the leases of {@code length}, which has its first attempt. */
    void watch(Duration length) {
        plan(length, length.toNanos() / 2);
    }

    private void plan(Duration length, long delayNanos) {
        if (!planned.add(length)) {
            return;
        }
        try {
            var unused = threads.after(delayNanos, () -> check(length));
        } catch (ToolGateException.Closed e) {
            // The gate is closed, and so is what would report late leases.
            planned.remove(length);
        }
    }

    private void check(Duration length) {
        // Race: the length loses its last attempt and is given another one. Removed before the attempts are read, so
        // that either this check sees the new one, or its watch() plans the next check.
        planned.remove(length);
        Kept now = kept.apply(length);
        if (now == null) {
            return;
        }
        long nanos = System.nanoTime();
        long half = length.toNanos() / 2;
        long longest = 0;
        List<LiveAttempt> late = new ArrayList<>();
        for (LiveAttempt attempt : now.attempts()) {
            long unconfirmed = attempt.unconfirmedNanos(nanos);
            if (unconfirmed < half) {
                longest = Math.max(longest, unconfirmed);
            } else if (!attempt.isCompleting() && !attempt.tellLate()) {
                late.add(attempt);
            }
        }
        // One that begins meanwhile may have a claim behind it that took its time.
        plan(length, Math.max(SHORTEST_PAUSE_NANOS, Math.min(half - longest, half / 4)));
        if (!late.isEmpty()) {
            report(late, length, now.cause(), nanos);
        }
    }

    private void report(List<LiveAttempt> late, Duration length, String cause, long nanos) {
        LiveAttempt first = late.get(0);
        log.warn(
                "Heartbeats are late: {} leases of {} were not renewed for half of that, the first of them, that of {},"
                        + " for {}. If they are not renewed before they end, their keys are taken over or put in doubt"
                        + " while their runs go on. Cause: {}",
                late.size(),
                length,
                first,
                Duration.ofNanos(first.unconfirmedNanos(nanos)),
                cause);
        for (LiveAttempt attempt : late) {
            counters.count(attempt.action(), Counter.LATE_HEARTBEATS);
            Duration since = Duration.ofNanos(attempt.unconfirmedNanos(nanos));
            events.report(
                    attempt.lease().id(),
                    attempt.number(),
                    0,
                    attempt.startedNanos(),
                    (l, event) -> l.heartbeatLate(event, since));
        }
    }
}
