package io.toolgate.store;

import java.util.Collection;

/** Subscription to a store's hints, see {@link IdempotencyStore#subscribe}; it ends when it is closed. */
@FunctionalInterface
public interface Subscription extends AutoCloseable {
    /**
     * Announces that callers wait for these records. Returns at once. A store that can push across processes then gives
     * hints for them also when another process changes them, for the next ten seconds: a caller that waits longer must
     * announce again, about every three seconds. When the announcement has taken effect, the store gives a hint for
     * each record, because a run may have completed just before. Like all hints, these may be lost or repeated.
     * Default: does nothing.
     */
    default void announce(Collection<RecordId> ids) {}

    /** Ends the subscription. Idempotent. */
    @Override
    void close();
}
