package io.toolgate.race.process;

import java.io.IOException;

/**
 * Kills a frozen process if this one dies. A frozen process cannot see the end of its input by itself, and would stand for
 * ever, with whatever it has locked. The shell that does it waits for the end of its own input; a frozen process does not
 * end by itself, so that its number is nobody else's meanwhile.
 */
final class Warden implements AutoCloseable {
    // Ctrl-C reaches the shell, too, and must not end it before its parent.
    private static final String SCRIPT = "trap '' HUP INT TERM; read -r line; kill -KILL \"$0\"";

    private final Process shell;

    private Warden(Process shell) {
        this.shell = shell;
    }

    /** One for the process {@code pid}, which is about to be frozen. */
    static Warden over(long pid) throws IOException {
        return new Warden(new ProcessBuilder("/bin/sh", "-c", SCRIPT, Long.toString(pid))
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start());
    }

    /** Ends it, so that it kills nobody. */
    @Override
    public void close() {
        shell.destroyForcibly();
    }
}
