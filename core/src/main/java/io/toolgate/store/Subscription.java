package io.toolgate.store;

import java.util.Collection;

/** A registration that ends when it is closed. */
@FunctionalInterface
public interface Subscription extends AutoCloseable {
    /**
     * Says that somebody waits for these records: a hint to the store, which returns at once. One that can push across processes
     * then gives hints for them too when another process moves them, for ten seconds at most; so whoever waits longer says it
     * again, every three seconds or so. Once it has taken effect, one hint for each tells the subscriber to look, because a run may
     * have ended just before. Others ignore it, as this default does; and all that is said of hints holds for these as well: they may be lost.
     */
    default void announce(Collection<RecordId> ids) {}

    /** Ends the registration. Idempotent. */
    @Override
    void close();
}
