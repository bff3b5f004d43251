package io.toolgate.support.process;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** A child process that is sent lines and answers with lines. For one thread at a time. */
public final class Dialogue implements AutoCloseable {
    private static final Duration STOP_TIMEOUT = Duration.ofSeconds(30);

    /** Stands for the end of the child's output; no line contains a NUL. */
    private static final String END = "\0";

    private final Child child;
    private final BlockingQueue<String> lines;

    private Dialogue(Child child, BlockingQueue<String> lines) {
        this.child = child;
        this.lines = lines;
    }

    /**
     * Starts {@code command}.
     *
     * @param name of the child in messages
     * @param log the file for its standard error
     */
    public static Dialogue start(String name, List<String> command, Path log) throws IOException {
        BlockingQueue<String> lines = new LinkedBlockingQueue<>();
        Child child = Child.start(name, command, log, new Child.Listener() {
            @Override
            public void said(String line) {
                lines.add(line);
            }

            @Override
            public void ended(int exitStatus) {
                lines.add(END);
            }
        });
        return new Dialogue(child, lines);
    }

    /** Writes a line to the child. */
    public void send(String line) throws IOException {
        try {
            child.send(line);
        } catch (IOException e) {
            throw new IOException(endedEarly(), e);
        }
    }

    /**
     * The child's next line.
     *
     * @throws IOException if the child ends instead, with its last message, or is silent for {@code timeout}
     */
    public String receive(Duration timeout) throws IOException, InterruptedException {
        @Nullable String line = lines.poll(timeout.toMillis(), TimeUnit.MILLISECONDS);
        if (line == null) {
            throw new IOException("process " + child.name() + " did not answer within " + timeout.toSeconds() + " s");
        }
        if (line.equals(END)) {
            lines.add(END);
            throw new IOException(endedEarly());
        }
        return line;
    }

    private String endedEarly() {
        return "process " + child.name() + " ended early: " + child.lastMessage();
    }

    /** Closes the child's input, on which it ends, and kills it if it does not; returns when it has ended. */
    @Override
    public void close() {
        try {
            child.stop(STOP_TIMEOUT);
        } catch (InterruptedException e) {
            child.close();
            Thread.currentThread().interrupt();
        }
    }
}
