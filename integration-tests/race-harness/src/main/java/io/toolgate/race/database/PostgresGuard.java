package io.toolgate.race.database;

import io.toolgate.race.Json;
import io.toolgate.race.Messages;
import io.toolgate.race.process.RunDirectory;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.lang.ProcessBuilder.Redirect;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.ReentrantLock;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The process that has a throw-away PostgreSQL server. Its first line of input is a {@link Plan}, its first line of output the
 * server's port; when its input ends, which it also does when the parent is killed, it stops the server and removes the
 * server's directory.
 */
public final class PostgresGuard {
    /** The argument that makes the program a guard. */
    public static final String ROLE = "postgres-guard";

    /** Who the server's only user is. */
    static final String USER = "postgres";

    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private static final long STOP_MILLIS = 5000;

    private final Path directory;

    // Held while the server is started, and while it is stopped. Race: the process is told to stop in the middle of the
    // start; what was started by then must be found.
    private final ReentrantLock lock = new ReentrantLock();

    // Guarded by lock.
    private @Nullable EmbeddedPostgres server;
    private @Nullable ProcessHandle postmaster;

    private PostgresGuard(Path directory) {
        this.directory = directory;
    }

    /**
     * What a guard must know.
     *
     * @param directory for all that the server writes; it exists
     * @param password of the server's user
     * @param connections how many there may be at a time
     */
    record Plan(String directory, String password, int connections) {}

    /** Serves until the input ends. The process that returns from this must exit, which stops the server. */
    public static void run(InputStream in, PrintStream out) throws IOException {
        try (BufferedReader parent = new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8))) {
            String line = parent.readLine();
            if (line == null) {
                return;
            }
            Plan plan = Json.read(line, Plan.class);
            PostgresGuard guard = new PostgresGuard(Path.of(plan.directory()));
            // The one way out: after the end of the input, after a failure to start, and on SIGTERM or Ctrl-C.
            Runtime.getRuntime().addShutdownHook(new Thread(guard::tidyUp, "stop-postgres"));
            out.println(guard.start(plan));
            while (line != null) {
                line = parent.readLine();
            }
        }
    }

    private int start(Plan plan) throws IOException {
        Path log = directory.resolve("postgres.log");
        lock.lock();
        try {
            EmbeddedPostgres started = server(plan, log);
            server = started;
            // The library's own process is the one that started the server, and has ended.
            String pid = Files.readAllLines(data().resolve("postmaster.pid")).get(0);
            postmaster = ProcessHandle.of(Long.parseLong(pid.strip())).orElse(null);
            return started.getPort();
        } catch (IllegalStateException e) {
            throw new IOException(complaint(log).orElseGet(() -> Messages.oneLine(e)), e);
        } finally {
            lock.unlock();
        }
    }

    private EmbeddedPostgres server(Plan plan, Path log) throws IOException {
        Path password = Files.writeString(directory.resolve("password"), plan.password());
        return EmbeddedPostgres.builder()
                .setOverrideWorkingDirectory(directory.toFile())
                .setDataDirectory(data())
                .setRegisterShutdownHook(false)
                .setCleanDataDirectory(false)
                .setPGStartupWait(PATIENCE)
                // These two are put among the options of initdb, after the library's own, which let anybody on this
                // machine in.
                .setLocaleConfig("auth", "scram-sha-256")
                .setLocaleConfig("pwfile", password.toString())
                .setConnectConfig("password", plan.password())
                .setServerConfig("max_connections", String.valueOf(plan.connections()))
                .setServerConfig("unix_socket_directories", "")
                // The library turns the first off.
                .setServerConfig("fsync", "on")
                .setServerConfig("full_page_writes", "on")
                .setServerConfig("synchronous_commit", "on")
                .setOutputRedirector(Redirect.appendTo(log.toFile()))
                .start();
    }

    private Path data() {
        return directory.resolve("data");
    }

    /** What PostgreSQL's own programs complain of says more than what the library makes of it. */
    private static Optional<String> complaint(Path log) throws IOException {
        if (!Files.exists(log)) {
            return Optional.empty();
        }
        try (Stream<String> lines = Files.lines(log)) {
            return lines.filter(line -> line.contains("error: ") || line.contains("FATAL: "))
                    .findFirst();
        }
    }

    private void tidyUp() {
        lock.lock();
        try {
            if (server != null) {
                server.close();
            }
            if (postmaster != null) {
                end(postmaster);
            }
            RunDirectory.deleteTree(directory);
        } catch (IOException e) {
            System.err.println("could not remove " + directory + ": " + Messages.oneLine(e));
        } finally {
            lock.unlock();
        }
    }

    /** It is thrown away: if it does not stop within the library's five seconds, it may as well crash. */
    private static void end(ProcessHandle postmaster) {
        boolean unusedAnswer = postmaster.destroyForcibly();
        try {
            var unused = postmaster.onExit().get(STOP_MILLIS, TimeUnit.MILLISECONDS);
        } catch (TimeoutException | ExecutionException e) {
            // Dead, and nobody has buried it: it is not a child of this process.
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
