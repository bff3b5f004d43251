package io.toolgate;

/** A watch over one key, begun by {@link ToolGate#watch}. Safe for use by many threads. */
public interface Watch extends AutoCloseable {
    /**
     * Whether the record is still looked at: not once the watch or its gate is closed, or once the record that it told about
     * is deleted. What had been seen before the deletion is still told.
     */
    boolean isOpen();

    /** Ends the watch; a call of its listener that was on its way may still come. Idempotent, never blocks. */
    @Override
    void close();
}
