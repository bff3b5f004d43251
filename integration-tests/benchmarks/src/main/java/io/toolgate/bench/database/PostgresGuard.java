package io.toolgate.bench.database;

import io.toolgate.bench.Json;
import io.toolgate.bench.process.Directories;
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
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * The process that has a throw-away PostgreSQL server. Its first line of input is a {@link Plan}, its first line of output the
 * server's port; when its input ends, which it also does when the parent is killed, it stops the server and removes the
 * server's directory, and the one that it is in where nothing else is there.
 */
public final class PostgresGuard {
    /** The argument that makes the program a guard. */
    public static final String ROLE = "child-postgres";

    /** Who the server's only user is. */
    static final String USER = "postgres";

    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private final Plan plan;
    private final Path directory;

    // Held while the server is started, and while it is stopped. Race: the process is told to stop in the middle of the
    // start; what was started by then must be found.
    private final ReentrantLock lock = new ReentrantLock();

    // Guarded by lock.
    private @Nullable EmbeddedPostgres server;

    private PostgresGuard(Plan plan) {
        this.plan = plan;
        this.directory = Path.of(plan.directory());
    }

    /**
     * What a guard must know.
     *
     * @param directory for all that the server writes; it exists
     * @param password of the server's user
     * @param settings of the server
     */
    record Plan(String directory, String password, Map<String, String> settings) {}

    /** Serves until the input ends. The process that returns from this must exit, which stops the server. */
    public static void run(InputStream in, PrintStream out) throws IOException {
        try (BufferedReader parent = new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8))) {
            String line = parent.readLine();
            if (line == null) {
                return;
            }
            PostgresGuard guard = new PostgresGuard(Json.read(line, Plan.class));
            // The one way out: after the end of the input, after a failure to start, and on SIGTERM or Ctrl-C.
            Runtime.getRuntime().addShutdownHook(new Thread(guard::tidyUp, "stop-postgres"));
            out.println(guard.start());
            while (line != null) {
                line = parent.readLine();
            }
        }
    }

    private int start() throws IOException {
        Path password = Files.writeString(directory.resolve("password"), plan.password());
        EmbeddedPostgres.Builder builder = EmbeddedPostgres.builder()
                .setOverrideWorkingDirectory(directory.toFile())
                .setDataDirectory(directory.resolve("data"))
                .setRegisterShutdownHook(false)
                .setCleanDataDirectory(false)
                .setPGStartupWait(PATIENCE)
                // These are put among the options of initdb, after the library's own, which let anybody on this machine
                // in. Bytes compare quickest, which is to the advantage of tables with text keys.
                .setLocaleConfig("auth", "scram-sha-256")
                .setLocaleConfig("pwfile", password.toString())
                .setLocaleConfig("locale", "C")
                .setLocaleConfig("encoding", "UTF8")
                .setConnectConfig("password", plan.password())
                .setServerConfig("unix_socket_directories", "")
                .setOutputRedirector(
                        Redirect.appendTo(directory.resolve("postgres.log").toFile()));
        plan.settings().forEach(builder::setServerConfig);
        lock.lock();
        try {
            EmbeddedPostgres started = builder.start();
            server = started;
            return started.getPort();
        } catch (IllegalStateException e) {
            throw new IOException("PostgreSQL does not start: " + e.getMessage(), e);
        } finally {
            lock.unlock();
        }
    }

    /** The run's own directory: where the parent was killed nobody else removes it. */
    private static void deleteIfEmpty(@Nullable Path run) throws IOException {
        try {
            if (run != null) {
                boolean unused = Files.deleteIfExists(run);
            }
        } catch (DirectoryNotEmptyException e) {
            // The parent lives, and has more in it.
        }
    }

    private void tidyUp() {
        lock.lock();
        try {
            if (server != null) {
                server.close();
            }
            Directories.delete(directory);
            deleteIfEmpty(directory.getParent());
        } catch (IOException e) {
            System.err.println("could not remove " + directory + ": " + e.getMessage());
        } finally {
            lock.unlock();
        }
    }
}
