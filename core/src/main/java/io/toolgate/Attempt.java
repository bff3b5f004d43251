package io.toolgate;

import io.toolgate.store.Lease;
import io.toolgate.store.StoreException;
import java.time.Duration;

/**
 * One attempt at an action, as its run and its probe see it. Safe for use by many threads; valid until the run returns.
 */
public interface Attempt {
    /** The tenant of the key. */
    String tenant();

    /** The name of the action. */
    String action();

    /** The key, as the caller gave it. */
    String key();

    /**
     * The number of this attempt, which is its fence: 1, 2, 3 …, growing with every claim of the record. A provider that
     * remembers it can refuse whoever comes with an older one.
     */
    long number();

    /**
     * The idempotency key to hand to the provider: a UUID in its usual 36 characters, the same over attempts, processes
     * and restarts, another for every other tenant, action or key.
     */
    String providerKey();

    /** What is certainly left of the lease, measured here from before the claim was sent; zero if nothing is. */
    Duration remaining();

    /** Whether this attempt owns the key as far as this process knows, without asking the store. */
    boolean isOwner();

    /**
     * Asks the store whether this attempt still owns the key, and renews its lease. Call it just before an irreversible
     * step: an owner that was frozen past its lease, and replaced, is stopped here. It cannot stop one that is frozen
     * after the check; against that only a provider helps that dedupes on {@link #providerKey()} or refuses an old
     * {@link #number()}.
     *
     * @throws ToolGateException.LeaseLost if the lease is lost
     * @throws StoreException if the store does not answer; do not take the step then. If the run lets it pass, classify it
     *     as {@link Failure#notExecuted} where nothing was done before
     */
    void ensureOwner();

    /**
     * What this attempt shows to the store. For runs that store their result in a transaction of their own, together with
     * their rows, with {@code JdbcIdempotencyStore.completeIn}; the value that such a run returns must be the one it stored.
     * Whoever has it can end the run: keep it to the run.
     */
    Lease lease();
}
