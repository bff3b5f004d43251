package io.toolgate.store.jdbc.internal.sqlite;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;

/**
 * A process that enters the queue: {@code <file>}. It says "head" when it is at the head, and stays there until it
 * reads a line.
 */
final class QueueHolder {
    private QueueHolder() {}

    public static void main(String[] arguments) throws IOException {
        try (ProcessQueue queue =
                new ProcessQueue(FileLocks.inFile(Path.of(arguments[0])), Duration.ofSeconds(60), System::nanoTime)) {
            queue.enter();
            System.out.println(queue.isHead() ? "head" : "not head");
            int unused = System.in.read();
            queue.exit();
            System.out.println("over");
            int unused2 = System.in.read();
        }
    }
}
