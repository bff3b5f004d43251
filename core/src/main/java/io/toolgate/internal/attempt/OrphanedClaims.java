package io.toolgate.internal.attempt;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.toolgate.Failure;
import io.toolgate.ToolGateException;
import io.toolgate.internal.base.Backoff;
import io.toolgate.internal.base.GateThreads;
import io.toolgate.store.ClaimRequest;
import io.toolgate.store.ClaimRequest.OnUnknown;
import io.toolgate.store.IdempotencyStore;
import io.toolgate.store.Lease;
import io.toolgate.store.RunEffect;
import io.toolgate.store.StoreException;
import io.toolgate.store.TransitionOutcome;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Claims that are known not to have run, and that the store has not released yet: their answers never arrived, or the
 * store did not accept their release. Each is released as soon as the store answers, however long that takes, also
 * after its lease has ended and its record was found in doubt (rule 6 of SPEC.md); until the gate is closed.
 *
 * <p>One task works on all of them, so that an outage costs one call of the store at a time.
 *
 * <p>Of claims without an answer only those of holding actions are released: they take over nothing of unknown effect,
 * so that the record is certainly "not executed". Those of other actions are left to the action's recovery.
 */
public final class OrphanedClaims {
    private static final Logger log = LoggerFactory.getLogger(OrphanedClaims.class);
    private static final Backoff PAUSES = new Backoff(Duration.ofMillis(100), Duration.ofSeconds(2));
    private static final Duration LONGEST_LAST_PASS = Duration.ofSeconds(2);
    private static final int MAX_PENDING = 10_000;

    /** How long after a claim failed it may still arrive, by a statement on its way. */
    private static final long ON_ITS_WAY_NANOS = TimeUnit.SECONDS.toNanos(30);

    private final IdempotencyStore store;
    private final GateThreads threads;
    private final ReentrantLock lock = new ReentrantLock();

    @GuardedBy("lock")
    private final Deque<Orphan> pending = new ArrayDeque<>();

    /** Whether a pass is planned or under way. */
    @GuardedBy("lock")
    private boolean working;

    @GuardedBy("lock")
    private boolean full;

    /** How many passes in a row have released nothing. */
    @GuardedBy("lock")
    private int vainPasses;

    @GuardedBy("lock")
    private boolean closed;

    /**
     * A claim to be released.
     *
     * @param failure the failure to release it with
     * @param effect what is known of the effect of its run
     * @param answered whether the claim was answered, so that it has a record
     */
    private record Orphan(Lease lease, Failure failure, RunEffect effect, boolean answered, long sinceNanos) {}

    /** Releases of claims in {@code store}, which are sent by the upkeep threads. */
    public OrphanedClaims(IdempotencyStore store, GateThreads threads) {
        this.store = store;
        this.threads = threads;
    }

    /** Releases a claim whose answer did not arrive. */
    void release(ClaimRequest request) {
        if (request.onUnknown() == OnUnknown.HOLD) {
            Failure unanswered = Failure.notExecuted(
                    Failure.Codes.CLAIM_UNANSWERED, "the answer to the claim never arrived; nothing was run");
            // The fence is not known: stores compare the token only.
            add(new Orphan(
                    new Lease(request.id(), request.token(), 1),
                    unanswered,
                    RunEffect.NOT_STARTED,
                    false,
                    System.nanoTime()));
        }
    }

    /** Releases the claim of {@code lease}, whose attempt ended without an effect, with {@code failure}. */
    void release(Lease lease, Failure failure, RunEffect effect) {
        add(new Orphan(lease, failure, effect, true, System.nanoTime()));
    }

    private void add(Orphan orphan) {
        lock.lock();
        try {
            if (closed || pending.size() >= MAX_PENDING) {
                if (!full) {
                    log.warn(
                            "{} and later claims are not released though they did not run, because {}: with a holding"
                                    + " action their records will be found in doubt when their leases end",
                            orphan.lease().id(),
                            closed ? "the gate is closed" : MAX_PENDING + " others wait for the store to answer");
                }
                full = true;
                return;
            }
            full = false;
            pending.add(orphan);
            if (!working) {
                working = true;
                plan();
            }
        } finally {
            lock.unlock();
        }
    }

    @GuardedBy("lock")
    private void plan() {
        try {
            var unused = threads.after(
                    PAUSES.after(1 + vainPasses).toNanos(),
                    () -> threads.upkeep().execute(this::pass));
        } catch (ToolGateException.Closed e) {
            // close() makes the last pass.
            working = false;
        } catch (RuntimeException | Error e) {
            working = false;
            log.warn("The release of claims that did not run could not be planned; the next such claim tries again", e);
        }
    }

    private void pass() {
        List<Orphan> orphans;
        lock.lock();
        try {
            orphans = new ArrayList<>(pending);
        } finally {
            lock.unlock();
        }
        int released = 0;
        for (Orphan orphan : orphans) {
            try {
                if (isReleased(orphan)) {
                    remove(orphan);
                    released++;
                }
            } catch (StoreException.Unavailable e) {
                log.debug(
                        "{} could not be released yet; will retry",
                        orphan.lease().id(),
                        e);
                // Last of the next pass: it may be its own record that is locked, and not the store that is down.
                moveToEnd(orphan);
                break;
            } catch (RuntimeException | Error e) {
                log.warn(
                        "{}, whose claim did not run, could not be released; will retry",
                        orphan.lease().id(),
                        e);
            }
        }
        lock.lock();
        try {
            vainPasses = released > 0 ? 0 : vainPasses + 1;
            working = !pending.isEmpty() && !closed;
            if (working) {
                plan();
            }
        } finally {
            lock.unlock();
        }
    }

    /** Whether nothing is left to do: it is released, has moved on, or never arrived and cannot any more. */
    private boolean isReleased(Orphan orphan) {
        TransitionOutcome outcome = store.fail(orphan.lease(), orphan.failure(), orphan.effect());
        boolean absent = outcome instanceof TransitionOutcome.LeaseLost lost
                && lost.current().isEmpty();
        return !absent || orphan.answered() || System.nanoTime() - orphan.sinceNanos() > ON_ITS_WAY_NANOS;
    }

    private void remove(Orphan orphan) {
        lock.lock();
        try {
            pending.remove(orphan);
        } finally {
            lock.unlock();
        }
    }

    private void moveToEnd(Orphan orphan) {
        lock.lock();
        try {
            if (pending.remove(orphan)) {
                pending.add(orphan);
            }
        } finally {
            lock.unlock();
        }
    }

    /** Makes a last pass and waits for it, for {@code longest}, but not longer than two seconds. */
    public void close(Duration longest) {
        lock.lock();
        try {
            closed = true;
            if (pending.isEmpty()) {
                return;
            }
        } finally {
            lock.unlock();
        }
        CountDownLatch done = new CountDownLatch(1);
        try {
            threads.upkeep().execute(() -> {
                pass();
                done.countDown();
            });
            Duration wait = longest.compareTo(LONGEST_LAST_PASS) < 0 ? longest : LONGEST_LAST_PASS;
            boolean unused = done.await(wait.toNanos(), TimeUnit.NANOSECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (RejectedExecutionException e) {
            log.debug("The gate was closed before", e);
        }
        warnOfRest();
    }

    private void warnOfRest() {
        lock.lock();
        try {
            if (!pending.isEmpty()) {
                log.warn(
                        "The gate is closed while {} claims that did not run are not released, the first of them {}:"
                                + " with a holding action their records will be found in doubt when their leases end",
                        pending.size(),
                        pending.getFirst().lease().id());
            }
        } finally {
            lock.unlock();
        }
    }
}
