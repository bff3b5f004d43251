package io.toolgate.support.process;

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
 * A child process: lines go to its standard input and come from its standard output, its standard error goes to a
 * file. Safe for use by many threads, except {@link #send}, which one thread uses.
 */
public final class Child implements AutoCloseable {
    private static final Duration STOP_TIMEOUT = Duration.ofSeconds(5);

    /** Receives a child's output. All calls come from one thread, in order. */
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
    private final AtomicReference<@Nullable FrozenProcessKiller> killer = new AtomicReference<>();

    private Child(String name, Process process, Path log) {
        this.name = name;
        this.process = process;
        this.input = new BufferedWriter(new OutputStreamWriter(process.getOutputStream(), StandardCharsets.UTF_8));
        this.log = log;
    }

    /**
     * Starts {@code command}.
     *
     * @param log the file for its standard error
     */
    public static Child start(String name, List<String> command, Path log, Listener listener) throws IOException {
        return start(name, command, Map.of(), log, listener);
    }

    /**
     * Starts {@code command}.
     *
     * @param environment variables that it gets besides those of this process
     * @param log the file for its standard error
     */
    public static Child start(
            String name, List<String> command, Map<String, String> environment, Path log, Listener listener)
            throws IOException {
        ProcessBuilder builder = new ProcessBuilder(command).redirectError(log.toFile());
        // Children receive the password on their input, where no other process can read it.
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
            // This process has ended the child.
        }
        listener.ended(process.onExit().join().exitValue());
    }

    /** Writes a line to the child. */
    public void send(String line) throws IOException {
        input.write(line);
        input.newLine();
        input.flush();
    }

    /** Prepares the child for being frozen: it will be killed when this process ends, however that ends. */
    public void guard() throws IOException {
        replace(FrozenProcessKiller.of(process.pid()));
    }

    /** Takes {@link #guard} back, after the child is no longer frozen. */
    public void unguard() {
        replace(null);
    }

    private void replace(@Nullable FrozenProcessKiller next) {
        FrozenProcessKiller last = killer.getAndSet(next);
        if (last != null) {
            last.close();
        }
    }

    /** Its name in logs and messages. */
    public String name() {
        return name;
    }

    /** Its operating-system process. */
    public ProcessHandle handle() {
        return process.toHandle();
    }

    /** The last line of its standard error that is not part of a stack trace, or a text that says there is none. */
    public String lastMessage() {
        try {
            List<String> lines = Files.readAllLines(log);
            for (int i = lines.size() - 1; i >= 0; i--) {
                if (!lines.get(i).isBlank() && !lines.get(i).startsWith("\t")) {
                    return lines.get(i).strip();
                }
            }
            return "it left no message";
        } catch (IOException e) {
            return "its messages in " + log + " cannot be read";
        }
    }

    /** Closes the child's input, on which it ends, and kills it if it does not; returns when it has ended. */
    public void stop() throws InterruptedException {
        stop(STOP_TIMEOUT);
    }

    /** As {@link #stop()}, killing the child after {@code timeout}. */
    public void stop(Duration timeout) throws InterruptedException {
        try {
            input.close();
        } catch (IOException e) {
            // It has ended already.
        }
        if (!process.waitFor(timeout.toMillis(), TimeUnit.MILLISECONDS)) {
            close();
        }
    }

    /** Kills the child. */
    @Override
    public void close() {
        // First: once the child is gone, its process id may become another process's.
        unguard();
        process.destroyForcibly();
        try {
            if (!process.waitFor(STOP_TIMEOUT.toMillis(), TimeUnit.MILLISECONDS)) {
                throw new IllegalStateException(
                        "process " + process.pid() + " (" + name + ") does not end though it was killed");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
