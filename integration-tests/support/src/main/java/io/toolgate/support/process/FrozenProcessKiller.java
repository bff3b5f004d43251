package io.toolgate.support.process;

import java.io.IOException;

/**
 * A shell that kills a frozen process when this process dies. A frozen process cannot notice the end of its input, and
 * would stay for ever with the locks that it holds. The shell waits for the end of its own input. The process id
 * cannot be reused meanwhile, since a frozen process does not end by itself.
 */
final class FrozenProcessKiller implements AutoCloseable {
    // Ctrl-C reaches the shell too, and must not end it before its parent.
    private static final String SCRIPT = "trap '' HUP INT TERM; read -r line; kill -KILL \"$0\"";

    private final Process shell;

    private FrozenProcessKiller(Process shell) {
        this.shell = shell;
    }

    /** Starts one for the process {@code pid}, which is about to be frozen. */
    static FrozenProcessKiller of(long pid) throws IOException {
        return new FrozenProcessKiller(new ProcessBuilder("/bin/sh", "-c", SCRIPT, Long.toString(pid))
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start());
    }

    /** Ends the shell; the process lives on. */
    @Override
    public void close() {
        shell.destroyForcibly();
    }
}
