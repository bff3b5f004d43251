package io.toolgate.internal.attempt;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.toolgate.Failure;
import io.toolgate.internal.base.GateThreads;
import io.toolgate.internal.base.ListenerEvents;
import io.toolgate.store.IdempotencyStore;
import io.toolgate.store.Lease;
import io.toolgate.store.StoreException;
import io.toolgate.store.TransitionOutcome;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Renews the leases of this process's runs, on a thread of its own, so that no amount of work starves a heartbeat. All
 * leases of one length are renewed in one round trip.
 *
 * <p>An attempt that runs longer than its action allows is put in doubt and not renewed any more. Its effect may still
 * happen, so that its key is not released; its late result is accepted as long as the record has not been claimed
 * since.
 */
public final class LeaseKeeper implements Runnable {
    private static final Logger log = LoggerFactory.getLogger(LeaseKeeper.class);

    /** The code of the failure of an attempt that ran longer than its action allows. */
    static final String RUN_TIME_EXCEEDED = "run-time-exceeded";

    private final IdempotencyStore store;
    private final ListenerEvents events;
    private final GateThreads threads;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();

    // The lock guards the contents of the beats, too.
    @GuardedBy("lock")
    private final Map<Duration, Beat> beats = new HashMap<>();

    @GuardedBy("lock")
    private @Nullable Thread thread;

    @GuardedBy("lock")
    private boolean closed;

    @GuardedBy("lock")
    private boolean closeWhenIdle;

    // Whether and when the thread wakes without a signal, as of its latest pass over the beats: it makes one before it
    // sleeps.
    @GuardedBy("lock")
    private boolean hasAlarm;

    @GuardedBy("lock")
    private long alarmNanos;

    /** The attempts whose leases have one length. */
    private static final class Beat {
        final Set<LiveAttempt> attempts = new HashSet<>();
        long dueNanos;

        Duration shortestInterval() {
            Duration shortest = Duration.ofDays(36_500);
            for (LiveAttempt attempt : attempts) {
                Duration interval = attempt.definition().heartbeat();
                shortest = interval.compareTo(shortest) < 0 ? interval : shortest;
            }
            return shortest;
        }
    }

    /** A keeper that reports to {@code events}, which must not block. */
    public LeaseKeeper(IdempotencyStore store, ListenerEvents events, GateThreads threads) {
        this.store = store;
        this.events = events;
        this.threads = threads;
    }

    /** Keeps the lease of {@code attempt} alive from now on. */
    void add(LiveAttempt attempt) {
        lock.lock();
        try {
            Beat beat = beats.computeIfAbsent(attempt.definition().lease(), length -> new Beat());
            long due = attempt.startedNanos() + attempt.definition().heartbeat().toNanos();
            boolean sooner = beat.attempts.isEmpty() || due - beat.dueNanos < 0;
            beat.attempts.add(attempt);
            if (sooner) {
                beat.dueNanos = due;
                if (sleepsPast(due)) {
                    changed.signal();
                }
            }
            if (thread == null && !closed) {
                Thread started = GateThreads.daemon("heartbeat", this);
                // Assigned only once it has started: if it cannot, the next attempt tries again.
                started.start();
                thread = started;
            }
        } finally {
            lock.unlock();
        }
    }

    /**
     * Whether the thread would wake too late for {@code due}. If not it is left asleep: waking it for each short run is
     * costly.
     */
    @GuardedBy("lock")
    private boolean sleepsPast(long due) {
        return !hasAlarm || due - alarmNanos < 0;
    }

    void remove(LiveAttempt attempt) {
        lock.lock();
        try {
            Duration length = attempt.definition().lease();
            Beat beat = beats.get(length);
            if (beat != null && beat.attempts.remove(attempt) && beat.attempts.isEmpty()) {
                beats.remove(length);
                if (closeWhenIdle) {
                    changed.signal();
                }
            }
        } finally {
            lock.unlock();
        }
    }

    /** Stops renewing. Leases of runs that still go on will end. */
    public void close() {
        lock.lock();
        try {
            closed = true;
            changed.signal();
        } finally {
            lock.unlock();
        }
    }

    /** Stops renewing as soon as there is nothing to renew. */
    public void closeWhenIdle() {
        lock.lock();
        try {
            closeWhenIdle = true;
            changed.signal();
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void run() {
        Duration length;
        while ((length = awaitDue()) != null) {
            try {
                beat(length);
            } catch (RuntimeException | Error e) {
                // The thread must survive: all leases of the process depend on it.
                log.error(
                        "Heartbeats of leases of {} failed unexpectedly; will retry. Please report this as a bug",
                        length,
                        e);
                reschedule(length, length.dividedBy(12));
            }
        }
    }

    /** Waits until a beat is due, and returns the length of its leases; null when the keeper is closed. */
    private @Nullable Duration awaitDue() {
        lock.lock();
        try {
            while (!closed && !(closeWhenIdle && beats.isEmpty())) {
                Duration first = null;
                long firstIn = Long.MAX_VALUE;
                long now = System.nanoTime();
                for (Map.Entry<Duration, Beat> entry : beats.entrySet()) {
                    long in = entry.getValue().dueNanos - now;
                    if (in < firstIn) {
                        firstIn = in;
                        first = entry.getKey();
                    }
                }
                if (first != null && firstIn <= 0) {
                    return first;
                }
                try {
                    hasAlarm = first != null;
                    alarmNanos = now + firstIn;
                    if (first == null) {
                        changed.await();
                    } else {
                        long unused = changed.awaitNanos(firstIn);
                    }
                } catch (InterruptedException e) {
                    log.warn("The heartbeat thread was interrupted; it ignores that. Close the gate to stop it");
                }
            }
            return null;
        } finally {
            lock.unlock();
        }
    }

    private void beat(Duration length) {
        List<LiveAttempt> attempts = snapshot(length);
        List<LiveAttempt> overdue = new ArrayList<>();
        List<LiveAttempt> renewable = new ArrayList<>();
        long sent = System.nanoTime();
        for (LiveAttempt attempt : attempts) {
            long running = sent - attempt.startedNanos();
            (running > attempt.definition().maxRunTime().toNanos() ? overdue : renewable).add(attempt);
        }
        if (!renewable.isEmpty()) {
            renew(renewable, length, sent);
        }
        // One statement each, on other threads: here they would delay the next beat.
        overdue.forEach(attempt -> {
            remove(attempt);
            if (!attempt.isCompleting()) {
                attempt.markLost();
                submitPutInDoubt(attempt);
            }
        });
    }

    private List<LiveAttempt> snapshot(Duration length) {
        lock.lock();
        try {
            Beat beat = beats.get(length);
            if (beat == null) {
                return List.of();
            }
            beat.dueNanos = System.nanoTime() + beat.shortestInterval().toNanos();
            return new ArrayList<>(beat.attempts);
        } finally {
            lock.unlock();
        }
    }

    private void renew(List<LiveAttempt> attempts, Duration length, long sent) {
        List<Lease> leases = new ArrayList<>(attempts.size());
        attempts.forEach(attempt -> leases.add(attempt.lease()));
        Set<Lease> owned;
        try {
            owned = store.heartbeat(leases, length);
        } catch (StoreException e) {
            log.warn("The heartbeat of {} leases of {} failed; will retry", leases.size(), length, e);
            reschedule(length, length.dividedBy(12));
            events.report(l -> l.heartbeatFailed(leases.size(), e));
            return;
        }
        for (LiveAttempt attempt : attempts) {
            if (owned.contains(attempt.lease())) {
                attempt.renewed(sent);
            } else if (!attempt.isCompleting()) {
                remove(attempt);
                attempt.markLost();
                log.warn(
                        "{} lost its lease while it was running: it expired, or another process or an operator changed"
                                + " the record. Its result is accepted only if the record is in doubt and was not"
                                + " claimed since",
                        attempt);
                report(attempt, (l, event) -> l.leaseLost(event));
            }
        }
    }

    private void submitPutInDoubt(LiveAttempt attempt) {
        try {
            threads.upkeep().execute(() -> putInDoubt(attempt));
        } catch (RejectedExecutionException e) {
            // The drain was interrupted, and the gate closed while the run goes on.
            warnNotInDoubt(attempt, e);
        }
    }

    private void putInDoubt(LiveAttempt attempt) {
        Failure exceeded = Failure.unknown(
                RUN_TIME_EXCEEDED,
                "the run did not end within " + attempt.definition().maxRunTime()
                        + ", the longest that its action allows");
        try {
            if (store.fail(attempt.lease(), exceeded) instanceof TransitionOutcome.Applied) {
                report(attempt, (l, event) -> l.inDoubt(event, exceeded));
            }
        } catch (RuntimeException e) {
            warnNotInDoubt(attempt, e);
        }
    }

    private static void warnNotInDoubt(LiveAttempt attempt, RuntimeException e) {
        log.warn(
                "{} has exceeded its run time and could not be put in doubt; its lease will end by itself", attempt, e);
    }

    private void reschedule(Duration length, Duration delay) {
        lock.lock();
        try {
            Beat beat = beats.get(length);
            if (beat != null) {
                beat.dueNanos = System.nanoTime() + delay.toNanos();
            }
        } finally {
            lock.unlock();
        }
    }

    private void report(LiveAttempt attempt, ListenerEvents.EventConsumer event) {
        Lease lease = attempt.lease();
        events.report(lease.id(), lease.fence(), 0, attempt.startedNanos(), event);
    }
}
