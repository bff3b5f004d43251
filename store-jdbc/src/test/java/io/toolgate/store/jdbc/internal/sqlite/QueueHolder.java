package io.toolgate.store.jdbc.internal.sqlite;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;

/** A process that takes a turn: {@code <file>}. It says "mine" when it has it, and keeps it until it reads a line. */
final class QueueHolder {
    private QueueHolder() {}

    public static void main(String[] arguments) throws IOException {
        try (ProcessQueue turn =
                new ProcessQueue(FileLocks.inFile(Path.of(arguments[0])), Duration.ofSeconds(60), System::nanoTime)) {
            turn.enter();
            System.out.println(turn.isOurs() ? "mine" : "not mine");
            int unused = System.in.read();
            turn.exit();
            System.out.println("over");
            int unused2 = System.in.read();
        }
    }
}
