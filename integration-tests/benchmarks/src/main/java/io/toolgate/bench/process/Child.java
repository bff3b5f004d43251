package io.toolgate.bench.process;

import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.OutputStreamWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * A child process that plays a role of this program: lines go to its standard input and come from its standard output, its
 * standard error goes to a file. It ends when its input does, so also when this process is killed. For one thread at a time.
 */
public final class Child implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    /** What its output ends with; no line of its own has a NUL. */
    private static final String END = "\0";

    private final String role;
    private final Process process;
    private final BufferedWriter input;
    private final Path log;
    private final BlockingQueue<String> lines = new LinkedBlockingQueue<>();

    private Child(String role, Process process, Path log) {
        this.role = role;
        this.process = process;
        this.input = new BufferedWriter(new OutputStreamWriter(process.getOutputStream(), StandardCharsets.UTF_8));
        this.log = log;
    }

    /**
     * Starts a child on this JDK and class path, with a JVM's usual settings but for a smaller heap.
     *
     * @param main that is called with {@code role} as its one argument
     * @param directory for what it unpacks and for its complaints; it exists
     */
    public static Child start(Class<?> main, String role, Path directory) throws IOException {
        Path log = Files.createTempFile(directory, role, ".log");
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.add("-Xmx512m");
        command.add("-Dorg.sqlite.tmpdir=" + directory);
        command.add("-Djava.io.tmpdir=" + directory);
        // SQLite's driver loads a native library, which newer JDKs want to be told about.
        command.add("--enable-native-access=ALL-UNNAMED");
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), main.getName(), role));
        ProcessBuilder builder = new ProcessBuilder(command).redirectError(log.toFile());
        // What a child must know it is told on its input, where no other process can read it.
        builder.environment().remove("TOOLGATE_PASSWORD");
        Child child = new Child(role, builder.start(), log);
        Thread reader = new Thread(child::listen, "hear-" + role);
        reader.setDaemon(true);
        reader.start();
        return child;
    }

    private void listen() {
        try (BufferedReader output = process.inputReader(StandardCharsets.UTF_8)) {
            String line = output.readLine();
            while (line != null) {
                lines.add(line);
                line = output.readLine();
            }
        } catch (IOException e) {
            // Its process was ended from here.
        }
        lines.add(END);
    }

    /** Writes a line to the child. */
    public void send(String line) throws IOException {
        try {
            input.write(line);
            input.newLine();
            input.flush();
        } catch (IOException e) {
            throw new IOException("a process (" + role + ") ended early: " + lastWords(), e);
        }
    }

    /**
     * The child's next line.
     *
     * @throws IOException if it ends instead, with the last it complained of, or says nothing for so long
     */
    public String receive(Duration patience) throws IOException, InterruptedException {
        @Nullable String line = lines.poll(patience.toMillis(), TimeUnit.MILLISECONDS);
        if (line == null) {
            throw new IOException("a process (" + role + ") said nothing for " + patience.toSeconds() + " s");
        }
        if (line.equals(END)) {
            lines.add(END);
            throw new IOException("a process (" + role + ") ended early: " + lastWords());
        }
        return line;
    }

    private String lastWords() {
        try {
            List<String> all = Files.readAllLines(log);
            for (int i = all.size() - 1; i >= 0; i--) {
                // The lines of a stack trace say less than the line above them.
                if (!all.get(i).isBlank() && !all.get(i).startsWith("\t")) {
                    return all.get(i).strip();
                }
            }
            return "it left no message";
        } catch (IOException e) {
            return "its messages in " + log + " cannot be read";
        }
    }

    /** Ends the child's input, and the child too if it does not end by itself soon; returns when it has. */
    @Override
    public void close() {
        try {
            input.close();
        } catch (IOException e) {
            // It has ended already.
        }
        try {
            if (!process.waitFor(PATIENCE.toMillis(), TimeUnit.MILLISECONDS)) {
                process.destroyForcibly();
            }
        } catch (InterruptedException e) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
        }
    }
}
