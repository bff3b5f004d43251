package io.toolgate.race.database;

import io.toolgate.race.Json;
import io.toolgate.race.UsageException;
import io.toolgate.race.process.Child;
import io.toolgate.race.process.RunDirectory;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * A throw-away PostgreSQL server, durable like a real one, that does not outlive this process however it ends: it belongs to
 * a {@link PostgresGuard}.
 */
public final class EmbeddedServer implements AutoCloseable {
    /** How many connections it allows. */
    public static final int CONNECTIONS = 300;

    private static final Duration PATIENCE = Duration.ofSeconds(90);
    private static final Duration STOP_PATIENCE = Duration.ofSeconds(30);

    private final Child guard;
    private final Path directory;
    private final Database database;

    private EmbeddedServer(Child guard, Path directory, Database database) {
        this.guard = guard;
        this.directory = directory;
        this.database = database;
    }

    /**
     * Starts one.
     *
     * @param command that makes this program a {@link PostgresGuard}
     * @param directory that is made for it, and removed at its end; somewhere in the run's own
     * @param log where its complaints go; outside of {@code directory}
     * @throws UsageException if there can be none on this machine, with the reason
     */
    public static EmbeddedServer start(List<String> command, Path directory, Path log)
            throws IOException, InterruptedException {
        Files.createDirectories(directory);
        CompletableFuture<Integer> port = new CompletableFuture<>();
        Child guard = Child.start("postgres", command, log, new Child.Listener() {
            @Override
            public void said(String line) {
                try {
                    port.complete(Integer.parseInt(line));
                } catch (NumberFormatException e) {
                    port.completeExceptionally(new IOException("its guard said " + line + " and not its port"));
                }
            }

            @Override
            public void ended(int exitStatus) {
                port.completeExceptionally(new IOException("its guard ended with status " + exitStatus));
            }
        });
        String password = password();
        try {
            guard.send(Json.line(new PostgresGuard.Plan(directory.toString(), password, CONNECTIONS)));
        } catch (IOException e) {
            // It ended already, which is found below.
        }
        boolean started = false;
        try {
            String url = "jdbc:postgresql://localhost:" + port.get(PATIENCE.toMillis(), TimeUnit.MILLISECONDS) + "/"
                    + PostgresGuard.USER;
            EmbeddedServer server =
                    new EmbeddedServer(guard, directory, new Database(url, PostgresGuard.USER, password));
            started = true;
            return server;
        } catch (ExecutionException e) {
            throw refusal(guard.lastWords(), e);
        } catch (TimeoutException e) {
            throw refusal("it is not up after " + PATIENCE.toSeconds() + " s", e);
        } finally {
            if (!started) {
                guard.stop(STOP_PATIENCE);
            }
        }
    }

    private static UsageException refusal(String reason, Exception cause) {
        return new UsageException(
                "the embedded PostgreSQL does not start: " + reason + "; name a database of yours with --url instead",
                cause);
    }

    private static String password() {
        byte[] bytes = new byte[16];
        new SecureRandom().nextBytes(bytes);
        return HexFormat.of().formatHex(bytes);
    }

    /** How it is reached. */
    public Database database() {
        return database;
    }

    /** Stops it, and removes all that it wrote. */
    @Override
    public void close() throws IOException, InterruptedException {
        guard.stop(STOP_PATIENCE);
        RunDirectory.deleteTree(directory);
    }
}
