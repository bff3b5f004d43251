package io.toolgate;

/** A watch on one key, started by {@link ToolGate#watch}. Thread-safe. */
public interface Watch extends AutoCloseable {
    /**
     * Whether the record is still polled: false once the watch or its gate is closed, or once a record that was
     * delivered has been deleted. States that were read before the deletion are still delivered.
     */
    boolean isOpen();

    /** Ends the watch; one listener call that was already under way may still arrive. Idempotent, never blocks. */
    @Override
    void close();
}
