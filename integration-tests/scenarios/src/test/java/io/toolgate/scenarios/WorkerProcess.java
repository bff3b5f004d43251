package io.toolgate.scenarios;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/** A running {@link Worker} in an operating-system process of its own, with its pipes. */
final class WorkerProcess implements AutoCloseable {
    private static final AtomicInteger STARTED = new AtomicInteger();

    private final Process process;
    private final PrintStream commands;
    private final BlockingQueue<String> answers = new LinkedBlockingQueue<>();
    private final Path errors;

    private WorkerProcess(Process process, Path errors) {
        this.process = process;
        this.errors = errors;
        this.commands = new PrintStream(process.getOutputStream(), true, StandardCharsets.UTF_8);
        Thread reader = new Thread(this::read, "worker-" + process.pid());
        reader.setDaemon(true);
        reader.start();
    }

    /**
     * Starts a worker; {@code wallClockOffset} such as {@code +1h} moves its wall clock only. The callers of every
     * second worker share commits.
     */
    static WorkerProcess start(String url, long waitMillis, @Nullable String wallClockOffset) {
        List<String> command = new ArrayList<>();
        if (wallClockOffset != null) {
            command.addAll(List.of("faketime", "-f", wallClockOffset));
        }
        command.addAll(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1",
                "-XX:+UseSerialGC",
                "-Xmx96m",
                "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn",
                "--enable-native-access=ALL-UNNAMED",
                "-cp",
                System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")),
                Worker.class.getName(),
                url,
                String.valueOf(waitMillis),
                String.valueOf(STARTED.incrementAndGet() % 2 == 0)));
        try {
            Path errors = Files.createTempFile("worker", ".err");
            ProcessBuilder builder = new ProcessBuilder(command).redirectError(errors.toFile());
            // Timed waits of a JVM may hang where its monotonic clock is moved; only the wall clock is wrong here.
            builder.environment()
                    .putAll(Map.of(
                            "FAKETIME_DONT_FAKE_MONOTONIC",
                            "1",
                            "DONT_FAKE_MONOTONIC",
                            "1",
                            // Otherwise faketime takes deadlines for wall-clock times, and waits end at once.
                            "FAKETIME_FORCE_MONOTONIC_FIX",
                            "0"));
            return new WorkerProcess(builder.start(), errors);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void read() {
        try (BufferedReader lines =
                new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
            String line;
            while ((line = lines.readLine()) != null) {
                answers.add(line);
            }
            answers.add("(the process ended)");
        } catch (IOException e) {
            answers.add("(the pipe broke: " + e.getMessage() + ")");
        }
    }

    void tell(String command) {
        commands.println(command);
    }

    /** Reads the next line, which must begin with {@code word}, and returns the rest. */
    String expect(String word) throws Exception {
        String answer = answers.poll(60, TimeUnit.SECONDS);
        assertThat(answer)
                .as("answer of worker %d, whose errors are:%n%s", process.pid(), Files.readString(errors))
                .isNotNull()
                .startsWith(word);
        return answer.substring(word.length()).strip();
    }

    /** Whether a line is available. */
    boolean hasAnswered() {
        return !answers.isEmpty();
    }

    /** Kills the process at once, and waits until it is gone. */
    void kill() throws InterruptedException {
        process.descendants().forEach(ProcessHandle::destroyForcibly);
        process.destroyForcibly();
        assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
    }

    @Override
    public void close() throws Exception {
        kill();
        Files.deleteIfExists(errors);
    }
}
