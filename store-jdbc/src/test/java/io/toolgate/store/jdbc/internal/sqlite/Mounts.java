package io.toolgate.store.jdbc.internal.sqlite;

import java.io.IOException;

/** Mounts file systems, for tests that run as root. */
final class Mounts {
    private Mounts() {}

    /** Whether the system has {@code command}, {@code mount} or {@code umount}, and it succeeded. */
    static boolean run(String... command) throws IOException, InterruptedException {
        try {
            return new ProcessBuilder(command)
                            .redirectErrorStream(true)
                            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                            .start()
                            .waitFor()
                    == 0;
        } catch (IOException e) {
            // There is no such command.
            return false;
        }
    }
}
