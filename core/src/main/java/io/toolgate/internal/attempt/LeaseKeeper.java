package io.toolgate.internal.attempt;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.toolgate.Failure;
import io.toolgate.internal.base.CallCounters;
import io.toolgate.internal.base.CallCounters.Counter;
import io.toolgate.internal.base.GateThreads;
import io.toolgate.internal.base.ListenerEvents;
import io.toolgate.store.IdempotencyRecord;
import io.toolgate.store.IdempotencyStore;
import io.toolgate.store.Lease;
import io.toolgate.store.RecordId;
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
 * <p>What became of a lease that was not renewed is read from its record by other threads. {@link LateLeases} watches
 * the thread, which may hang in the store.
 *
 * <p>An attempt that runs longer than its action allows is put in doubt and not renewed any more. Its effect may still
 * happen, so that its key is not released; its late result is accepted as long as the record has not been claimed
 * since.
 */
public final class LeaseKeeper implements Runnable {
    private static final Logger log = LoggerFactory.getLogger(LeaseKeeper.class);

    private final IdempotencyStore store;
    private final ListenerEvents events;
    private final CallCounters counters;
    private final GateThreads threads;
    private final LateLeases late;
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

        /** The latest failure of the store, and when the first of them in a row was; null after a success. */
        @Nullable
        RuntimeException failure;

        long failingSinceNanos;

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
    public LeaseKeeper(IdempotencyStore store, ListenerEvents events, CallCounters counters, GateThreads threads) {
        this.store = store;
        this.events = events;
        this.counters = counters;
        this.threads = threads;
        this.late = new LateLeases(this::kept, events, counters, threads);
    }

    /** Keeps the lease of {@code attempt} alive from now on. */
    void add(LiveAttempt attempt) {
        lock.lock();
        try {
            Beat beat = beats.computeIfAbsent(attempt.definition().lease(), this::newBeat);
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

    private Beat newBeat(Duration length) {
        late.watch(length);
        return new Beat();
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
                retrySoon(length, e instanceof RuntimeException failure ? failure : new IllegalStateException(e));
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
                attempt.markLost("its run lasted longer than its action allows");
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
            retrySoon(length, e);
            events.report(l -> l.heartbeatFailed(leases.size(), e));
            return;
        }
        List<LiveAttempt> missing = new ArrayList<>();
        for (LiveAttempt attempt : attempts) {
            if (owned.contains(attempt.lease())) {
                attempt.renewed(sent);
            } else if (!attempt.isCompleting() && attempt.beginExamination()) {
                missing.add(attempt);
            }
        }
        succeeded(length);
        if (!missing.isEmpty()) {
            retrySoon(length, null);
            submitExamination(missing);
        }
    }

    private void submitExamination(List<LiveAttempt> missing) {
        try {
            threads.upkeep().execute(() -> examine(missing));
        } catch (RejectedExecutionException e) {
            // The drain was interrupted, and the gate closed while the runs go on: they learn it when they end.
            log.debug("The gate is closed; what became of {} leases is not read any more", missing.size());
        }
    }

    /** Reads what became of leases that the store did not renew. One that still has its owner is renewed on. */
    private void examine(List<LiveAttempt> missing) {
        try {
            Map<RecordId, IdempotencyRecord> records = store.peekAll(
                    missing.stream().map(attempt -> attempt.lease().id()).toList());
            for (LiveAttempt attempt : missing) {
                String why = LostLease.why(
                        attempt.lease(), records.get(attempt.lease().id()));
                if (why != null && !attempt.isCompleting()) {
                    lost(attempt, why);
                }
            }
        } catch (RuntimeException e) {
            log.warn(
                    "{} leases were not renewed, and their records cannot be read to learn why; will retry",
                    missing.size(),
                    e);
        } finally {
            missing.forEach(LiveAttempt::endExamination);
        }
    }

    private void lost(LiveAttempt attempt, String why) {
        remove(attempt);
        Duration unconfirmed = Duration.ofNanos(attempt.unconfirmedNanos(System.nanoTime()));
        boolean ended = unconfirmed.compareTo(attempt.definition().lease()) >= 0;
        String reason = ended ? why + "; no heartbeat was confirmed for " + unconfirmed : why;
        attempt.markLost(reason);
        log.warn(
                "{} lost its lease while it was running: {}. Its result is accepted only if the record is in doubt and"
                        + " was not claimed since",
                attempt,
                reason);
        report(attempt, (l, event) -> l.leaseLost(event, reason));
    }

    private LateLeases.@Nullable Kept kept(Duration length) {
        lock.lock();
        try {
            Beat beat = beats.get(length);
            return beat == null || closed
                    ? null
                    : new LateLeases.Kept(new ArrayList<>(beat.attempts), causeOfLateness(beat, System.nanoTime()));
        } finally {
            lock.unlock();
        }
    }

    @GuardedBy("lock")
    private String causeOfLateness(Beat beat, long now) {
        RuntimeException failure = beat.failure;
        if (failure != null) {
            return "the store has failed for " + Duration.ofNanos(now - beat.failingSinceNanos)
                    + ", the last time with: " + failure.getMessage();
        }
        return beat.dueNanos - now < 0
                ? "the store has not answered the last heartbeat yet, or this process stood still"
                : "the store answers, but did not renew them: their records are locked, or its last answer came late";
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
                Failure.Codes.RUN_TIME_EXCEEDED,
                "the run did not end within " + attempt.definition().maxRunTime()
                        + ", the longest that its action allows");
        try {
            if (store.fail(attempt.lease(), exceeded) instanceof TransitionOutcome.Applied) {
                log.warn("{} is in doubt: {}", attempt, exceeded.message());
                counters.count(attempt.action(), Counter.DOUBTED);
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

    /** Renews leases of {@code length} again soon; {@code failure} is that of the store, if it failed. */
    private void retrySoon(Duration length, @Nullable RuntimeException failure) {
        lock.lock();
        try {
            Beat beat = beats.get(length);
            if (beat != null) {
                long now = System.nanoTime();
                beat.dueNanos = now + length.toNanos() / 12;
                if (failure != null && beat.failure == null) {
                    beat.failingSinceNanos = now;
                }
                beat.failure = failure;
            }
        } finally {
            lock.unlock();
        }
    }

    private void succeeded(Duration length) {
        lock.lock();
        try {
            Beat beat = beats.get(length);
            if (beat != null) {
                beat.failure = null;
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
