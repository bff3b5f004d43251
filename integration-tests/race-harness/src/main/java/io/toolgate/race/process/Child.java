package io.toolgate.race.process;

import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.OutputStreamWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * A child process: lines go to its standard input and come from its standard output, its standard error goes to a file. Safe
 * for use by many threads, but for {@link #send}, which has one user.
 */
public final class Child implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofSeconds(5);

    /** Hears what a child says. All calls come from one thread, in order. */
    public interface Listener {
        /** The child wrote {@code line}. */
        void said(String line);

        /** The child's process ended; the last call. */
        void ended(int exitStatus);
    }

    private final String name;
    private final Process process;
    private final BufferedWriter input;
    private final Path log;
    private final AtomicReference<@Nullable Warden> warden = new AtomicReference<>();

    private Child(String name, Process process, Path log) {
        this.name = name;
        this.process = process;
        this.input = new BufferedWriter(new OutputStreamWriter(process.getOutputStream(), StandardCharsets.UTF_8));
        this.log = log;
    }

    /**
     * Starts {@code command}.
     *
     * @param log where its standard error goes
     */
    public static Child start(String name, List<String> command, Path log, Listener listener) throws IOException {
        return start(name, command, Map.of(), log, listener);
    }

    /**
     * Starts {@code command}.
     *
     * @param environment what it has in its environment besides what this process has
     * @param log where its standard error goes
     */
    public static Child start(
            String name, List<String> command, Map<String, String> environment, Path log, Listener listener)
            throws IOException {
        ProcessBuilder builder = new ProcessBuilder(command).redirectError(log.toFile());
        // What a child must know it is told on its input, where no other process can read it.
        builder.environment().remove("TOOLGATE_PASSWORD");
        builder.environment().putAll(environment);
        Child child = new Child(name, builder.start(), log);
        Thread reader = new Thread(() -> child.listen(listener), "hear-" + name);
        reader.setDaemon(true);
        reader.start();
        return child;
    }

    private void listen(Listener listener) {
        try (BufferedReader output = process.inputReader(StandardCharsets.UTF_8)) {
            String line = output.readLine();
            while (line != null) {
                listener.said(line);
                line = output.readLine();
            }
        } catch (IOException e) {
            // Its process was ended from here.
        }
        listener.ended(process.onExit().join().exitValue());
    }

    /** Writes a line to the child. */
    public void send(String line) throws IOException {
        input.write(line);
        input.newLine();
        input.flush();
    }

    /** Makes sure that this child, which is about to be frozen, dies with this process all the same. */
    public void guard() throws IOException {
        replace(Warden.over(process.pid()));
    }

    /** Ends what {@link #guard} began: the child is not frozen any more. */
    public void unguard() {
        replace(null);
    }

    private void replace(@Nullable Warden next) {
        Warden last = warden.getAndSet(next);
        if (last != null) {
            last.close();
        }
    }

    /** What it is called. */
    public String name() {
        return name;
    }

    /** Its operating-system process. */
    public ProcessHandle handle() {
        return process.toHandle();
    }

    /** The last line that it wrote to its standard error, or a word that says there is none. */
    public String lastWords() {
        try {
            List<String> lines = Files.readAllLines(log);
            for (int i = lines.size() - 1; i >= 0; i--) {
                // The lines of a stack trace say less than the line above them.
                if (!lines.get(i).isBlank() && !lines.get(i).startsWith("\t")) {
                    return lines.get(i).strip();
                }
            }
            return "it left no message";
        } catch (IOException e) {
            return "its messages in " + log + " cannot be read";
        }
    }

    /** Asks the child to end, by ending its input, and makes it end if it does not; returns when it has. */
    public void stop() throws InterruptedException {
        stop(PATIENCE);
    }

    /** As {@link #stop()}, with so much time for the child to end by itself. */
    public void stop(Duration patience) throws InterruptedException {
        try {
            input.close();
        } catch (IOException e) {
            // It has ended already.
        }
        if (!process.waitFor(patience.toMillis(), TimeUnit.MILLISECONDS)) {
            close();
        }
    }

    /** Ends the child at once. */
    @Override
    public void close() {
        // First, since it must not outlast the process whose number it knows.
        unguard();
        process.destroyForcibly();
        try {
            if (!process.waitFor(PATIENCE.toMillis(), TimeUnit.MILLISECONDS)) {
                throw new IllegalStateException("process " + process.pid() + " of " + name + " does not end");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
