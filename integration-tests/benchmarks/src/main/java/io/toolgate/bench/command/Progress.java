package io.toolgate.bench.command;

import io.toolgate.support.Terminal;
import java.io.PrintWriter;
import java.time.Duration;

/**
 * Shows on standard error what is being measured; on a terminal, after two seconds, on one line that is overwritten.
 */
final class Progress implements AutoCloseable {
    private static final Duration DELAY = Duration.ofSeconds(2);

    private final PrintWriter err;
    private final boolean lines;
    private final boolean terminal;
    private final long began = System.nanoTime();
    private boolean shown;

    Progress(PrintWriter err, boolean lines) {
        this.err = err;
        this.lines = lines;
        this.terminal = !lines && Terminal.ofThisProcess() != null;
    }

    /** Shows {@code what}, on a terminal in place of the text before. */
    void show(String what) {
        if (lines) {
            err.println(what);
        } else if (terminal && System.nanoTime() - began > DELAY.toNanos()) {
            // Back to the start of the line, and erase the rest of it.
            err.print("\r" + what + "\u001b[K");
            shown = true;
        }
        err.flush();
    }

    @Override
    public void close() {
        if (shown) {
            err.print("\r\u001b[K");
            err.flush();
        }
    }
}
