package io.toolgate.store.jdbc.internal.sql;

/** What a thread goes through before it takes the connection that writes, and after it gave it back. */
public interface WriteQueue {
    /** Waits for a turn, for a while; then it goes on without. In either case {@link #exit} follows, on the same thread. */
    void enter();

    /** Ends the turn, if there was one. */
    void exit();

    /** For databases that let many write at once. */
    static WriteQueue none() {
        return new WriteQueue() {
            @Override
            public void enter() {}

            @Override
            public void exit() {}
        };
    }
}
