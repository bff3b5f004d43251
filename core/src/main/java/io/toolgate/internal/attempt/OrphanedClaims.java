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
 * Gives back claims whose answers never came. Such a claim may have been made, or be made yet by a statement that is still on
 * its way; nobody runs it, and without this its record would fall into a doubt that a holding action never gets out of.
 *
 * <p>Only for holding claims: they take nothing whose effect is unknown, so that "not executed" is the whole truth about the
 * record. What other actions claim unheard is settled by their recovery.
 */
public final class OrphanedClaims {
    private static final Logger log = LoggerFactory.getLogger(OrphanedClaims.class);
    private static final List<Long> DELAYS_MILLIS = List.of(200L, 1_000L, 5_000L, 20_000L);
    private static final int MAX_PENDING = 1_000;

    private final IdempotencyStore store;
    private final GateThreads threads;
    private final AtomicInteger pending = new AtomicInteger();

    public OrphanedClaims(IdempotencyStore store, GateThreads threads) {
        this.store = store;
        this.threads = threads;
    }

    /** Tries, a few times and later. Bounded: in an outage, those beyond the bound are left to the end of their leases. */
    void release(ClaimRequest request) {
        if (request.onUnknown() != OnUnknown.HOLD) {
            return;
        }
        if (pending.incrementAndGet() > MAX_PENDING) {
            pending.decrementAndGet();
            return;
        }
        // Stores compare the token only, so that it does not matter that the fence is not known.
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
                    () -> threads.background(() -> attempt(lease, round)));
        } catch (ToolGateException.Closed e) {
            pending.decrementAndGet();
        }
    }

    private void attempt(Lease lease, int round) {
        Failure unanswered =
                Failure.notExecuted("claim-unanswered", "the answer to the claim never came; nothing was run");
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
            log.debug("The claim of {} could not be given back yet", lease.id(), e);
        }
        schedule(lease, round + 1);
    }
}
