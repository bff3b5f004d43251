package io.toolgate.store.jdbc.internal.sql;

/**
 * A queue of the threads that want to write; entered before the writing connection is borrowed, and left after its
 * return.
 */
public interface WriteQueue {
    /** Throws if no write may begin; for one that does not pass the queue, on a connection of a caller. */
    default void check() {}

    /**
     * Waits in the queue for a bounded time, then goes on anyway. {@link #exit} follows in any case, on the same
     * thread.
     */
    void enter();

    /** Leaves the queue, so that the next thread may write. */
    void exit();

    /** No queue, for databases that admit many writers at once. */
    static WriteQueue none() {
        return new WriteQueue() {
            @Override
            public void enter() {}

            @Override
            public void exit() {}
        };
    }
}
