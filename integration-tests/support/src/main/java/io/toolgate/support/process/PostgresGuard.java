package io.toolgate.support.process;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.toolgate.support.Json;
import io.toolgate.support.Messages;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.lang.ProcessBuilder.Redirect;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.ReentrantLock;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The program that owns a temporary PostgreSQL server, run in a child process. Its first line of input is a
 * {@link Plan}, its first line of output the server's port. When its input ends, as it also does when the parent is
 * killed, it stops the server and removes the server's directory, and the directory around it if that is empty then.
 */
public final class PostgresGuard {
    /** The argument with which a program becomes a guard. */
    public static final String ROLE = "child-postgres";

    /**
     * The system property of the library's that names a directory for PostgreSQL's programs, which stay there. Without
     * it they are unpacked for each server anew, into its own directory.
     */
    public static final String PROGRAMS = "ot.epg.working-dir";

    /** The server's only user. */
    static final String USER = "postgres";

    private static final Duration START_TIMEOUT = Duration.ofSeconds(60);
    private static final Duration KILL_TIMEOUT = Duration.ofSeconds(5);

    private final Plan plan;
    private final Path directory;

    // Held while the server is started, and while it is stopped. Race: the process is told to stop during the start.
    // The clean-up must find all that was started until then.
    private final ReentrantLock lock = new ReentrantLock();

    @GuardedBy("lock")
    private @Nullable EmbeddedPostgres server;

    @GuardedBy("lock")
    private @Nullable ProcessHandle postmaster;

    private PostgresGuard(Plan plan) {
        this.plan = plan;
        this.directory = Path.of(plan.directory());
    }

    /**
     * A server to start.
     *
     * @param directory for all files of the server; it exists
     * @param password of the server's user
     * @param settings of the server besides those that make it durable
     */
    record Plan(String directory, String password, Map<String, String> settings) {}

    /** Serves until {@code in} ends. The process must exit after this returns, which stops the server. */
    public static void run(InputStream in, PrintStream out) throws IOException {
        try (BufferedReader parent = new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8))) {
            String line = parent.readLine();
            if (line == null) {
                return;
            }
            PostgresGuard guard = new PostgresGuard(Json.read(line, Plan.class));
            // In a hook, which runs after the end of the input, after a failed start, and on SIGTERM or Ctrl-C.
            Runtime.getRuntime().addShutdownHook(new Thread(guard::cleanUp, "stop-postgres"));
            out.println(guard.start());
            while (line != null) {
                line = parent.readLine();
            }
        }
    }

    private int start() throws IOException {
        Path log = directory.resolve("postgres.log");
        lock.lock();
        try {
            EmbeddedPostgres started = builder(log).start();
            server = started;
            // The library knows only the process that started the server, which has ended.
            String pid = Files.readAllLines(data().resolve("postmaster.pid")).get(0);
            postmaster = ProcessHandle.of(Long.parseLong(pid.strip())).orElse(null);
            return started.getPort();
        } catch (IllegalStateException e) {
            throw new IOException(complaint(log).orElseGet(() -> Messages.oneLine(e)), e);
        } finally {
            lock.unlock();
        }
    }

    private EmbeddedPostgres.Builder builder(Path log) throws IOException {
        Path password = Files.writeString(directory.resolve("password"), plan.password());
        EmbeddedPostgres.Builder builder = EmbeddedPostgres.builder()
                .setDataDirectory(data())
                .setRegisterShutdownHook(false)
                .setCleanDataDirectory(false)
                .setPGStartupWait(START_TIMEOUT)
                // Become options of initdb, after the library's own, which let every user of this machine in.
                .setLocaleConfig("auth", "scram-sha-256")
                .setLocaleConfig("pwfile", password.toString())
                .setLocaleConfig("locale", "C")
                .setLocaleConfig("encoding", "UTF8")
                .setConnectConfig("password", plan.password())
                .setServerConfig("unix_socket_directories", "")
                // The library turns the first off.
                .setServerConfig("fsync", "on")
                .setServerConfig("full_page_writes", "on")
                .setServerConfig("synchronous_commit", "on")
                .setOutputRedirector(Redirect.appendTo(log.toFile()));
        if (System.getProperty(PROGRAMS) == null) {
            builder.setOverrideWorkingDirectory(directory.toFile());
        }
        plan.settings().forEach(builder::setServerConfig);
        return builder;
    }

    private Path data() {
        return directory.resolve("data");
    }

    /** The message of PostgreSQL's own programs, which says more than the library's. */
    private static Optional<String> complaint(Path log) throws IOException {
        if (!Files.exists(log)) {
            return Optional.empty();
        }
        try (Stream<String> lines = Files.lines(log)) {
            return lines.filter(line -> line.contains("error: ") || line.contains("FATAL: "))
                    .findFirst();
        }
    }

    private void cleanUp() {
        lock.lock();
        try {
            if (server != null) {
                server.close();
            }
            if (postmaster != null) {
                kill(postmaster);
            }
            RunDirectory.deleteTree(directory);
            deleteIfEmpty(directory.getParent());
        } catch (IOException e) {
            System.err.println("could not remove " + directory + ": " + Messages.oneLine(e));
        } finally {
            lock.unlock();
        }
    }

    /**
     * Kills the server if it has not stopped within the five seconds that the library gives it: its data is not
     * needed.
     */
    private static void kill(ProcessHandle postmaster) {
        boolean unused = postmaster.destroyForcibly();
        try {
            var unusedHandle = postmaster.onExit().get(KILL_TIMEOUT.toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException | ExecutionException e) {
            // A zombie: it is not a child of this process, and its parent has not reaped it.
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Removes the run's directory, which the parent cannot do if it was killed. */
    private static void deleteIfEmpty(@Nullable Path run) throws IOException {
        try {
            if (run != null) {
                boolean unused = Files.deleteIfExists(run);
            }
        } catch (DirectoryNotEmptyException e) {
            // The parent is alive, and has more files in it.
        }
    }
}
