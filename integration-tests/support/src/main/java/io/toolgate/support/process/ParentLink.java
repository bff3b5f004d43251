package io.toolgate.support.process;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;

/**
 * A child process's end of the line to its parent: the lines the parent writes to it, and the parent's death, which
 * shows as the end of standard input however the parent died.
 */
public final class ParentLink {
    private final BlockingQueue<String> lines = new LinkedBlockingQueue<>();

    private ParentLink() {}

    /** Starts to listen to {@code input}; {@code parentGone} runs once, on a thread of its own, when it ends. */
    public static ParentLink listen(InputStream input, Runnable parentGone) {
        ParentLink link = new ParentLink();
        Thread thread = new Thread(() -> link.read(input, parentGone), "parent-link");
        thread.setDaemon(true);
        thread.start();
        return link;
    }

    private void read(InputStream input, Runnable parentGone) {
        try (BufferedReader reader = new BufferedReader(new InputStreamReader(input, StandardCharsets.UTF_8))) {
            String line = reader.readLine();
            while (line != null) {
                lines.add(line);
                line = reader.readLine();
            }
        } catch (IOException e) {
            // A line that breaks is a line that ends.
        } finally {
            parentGone.run();
        }
    }

    /** The next line; waits for it as long as the parent lives. */
    public String next() throws InterruptedException {
        return lines.take();
    }
}
