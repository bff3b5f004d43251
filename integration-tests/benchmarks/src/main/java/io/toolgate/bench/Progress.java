package io.toolgate.bench;

import io.toolgate.support.Terminal;
import java.io.PrintWriter;
import java.time.Duration;

/** Says on standard error what is being measured: on a terminal once it lasts longer than people like to wait. */
final class Progress implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofSeconds(2);

    private final PrintWriter err;
    private final boolean lines;
    private final boolean terminal;
    private final long began = System.nanoTime();
    private boolean said;

    Progress(PrintWriter err, boolean lines) {
        this.err = err;
        this.lines = lines;
        this.terminal = !lines && Terminal.ofThisProcess() != null;
    }

    /** Says it, on a terminal in the place of what was said before. */
    void say(String what) {
        if (lines) {
            err.println(what);
        } else if (terminal && System.nanoTime() - began > PATIENCE.toNanos()) {
            // The cursor goes to the line's begin and the rest of the line is erased.
            err.print("\r" + what + "\u001b[K");
            said = true;
        }
        err.flush();
    }

    @Override
    public void close() {
        if (said) {
            err.print("\r\u001b[K");
            err.flush();
        }
    }
}
