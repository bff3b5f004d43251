package io.toolgate.internal.attempt;

import io.toolgate.Failure;
import io.toolgate.ToolGateException;
import io.toolgate.internal.base.GateThreads;
import io.toolgate.store.ClaimRequest;
import io.toolgate.store.ClaimRequest.OnUnknown;
import io.toolgate.store.IdempotencyStore;
import io.toolgate.store.Lease;
import io.toolgate.store.StoreException;
import io.toolgate.store.TransitionOutcome;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Releases claims whose answers never arrived. Such a claim may have been applied, or still be by a statement on its
 * way. No call runs it, and without this its record would fall into a doubt that a holding action never leaves.
 *
 * <p>Only claims of holding actions are released: they take over nothing of unknown effect, so that the record is
 * certainly "not executed". Those of other actions are left to the action's recovery.
 */
public final class OrphanedClaims {
    private static final Logger log = LoggerFactory.getLogger(OrphanedClaims.class);
    private static final List<Long> DELAYS_MILLIS = List.of(200L, 1_000L, 5_000L, 20_000L);
    private static final int MAX_PENDING = 1_000;

    private final IdempotencyStore store;
    private final GateThreads threads;
    private final AtomicInteger pending = new AtomicInteger();

    /** Releases of claims in {@code store}, which are sent by the upkeep threads. */
    public OrphanedClaims(IdempotencyStore store, GateThreads threads) {
        this.store = store;
        this.threads = threads;
    }

    /**
     * Tries to release a claim, a few times and later. In an outage, claims beyond a bound are left to the end of their
     * leases.
     */
    void release(ClaimRequest request) {
        if (request.onUnknown() != OnUnknown.HOLD) {
            return;
        }
        if (pending.incrementAndGet() > MAX_PENDING) {
            pending.decrementAndGet();
            return;
        }
        // The fence is not known: stores compare the token only.
        schedule(new Lease(request.id(), request.token(), 1), 0);
    }

    private void schedule(Lease lease, int round) {
        if (round == DELAYS_MILLIS.size()) {
            pending.decrementAndGet();
            return;
        }
        try {
            var unused = threads.after(
                    TimeUnit.MILLISECONDS.toNanos(DELAYS_MILLIS.get(round)),
                    () -> threads.upkeep().execute(() -> attempt(lease, round)));
        } catch (ToolGateException.Closed e) {
            pending.decrementAndGet();
        }
    }

    private void attempt(Lease lease, int round) {
        Failure unanswered =
                Failure.notExecuted("claim-unanswered", "the answer to the claim never arrived; nothing was run");
        try {
            TransitionOutcome outcome = store.fail(lease, unanswered);
            // No record yet: the claim may still be on its way.
            boolean mayStillCome = outcome instanceof TransitionOutcome.LeaseLost lost
                    && lost.current().isEmpty();
            if (!mayStillCome) {
                pending.decrementAndGet();
                return;
            }
        } catch (StoreException e) {
            log.debug("The unanswered claim of {} could not be released yet; will retry", lease.id(), e);
        }
        schedule(lease, round + 1);
    }
}
