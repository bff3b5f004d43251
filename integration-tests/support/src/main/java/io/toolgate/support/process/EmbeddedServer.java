package io.toolgate.support.process;

import io.toolgate.support.DatabaseLogin;
import io.toolgate.support.Json;
import io.toolgate.support.UsageException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;

/**
 * A temporary PostgreSQL server, as durable as a real one, that does not outlive this process however it ends: a child
 * process owns it, which runs a {@link PostgresGuard}.
 */
public final class EmbeddedServer implements AutoCloseable {
    private static final Duration START_TIMEOUT = Duration.ofSeconds(90);

    private final Dialogue guard;
    private final Path directory;
    private final DatabaseLogin login;

    private EmbeddedServer(Dialogue guard, Path directory, DatabaseLogin login) {
        this.guard = guard;
        this.directory = directory;
        this.login = login;
    }

    /**
     * Starts one.
     *
     * @param command that runs a {@link PostgresGuard}
     * @param directory to make for it, and to remove at its end; inside the run's own
     * @param log the file for its messages; outside of {@code directory}
     * @param settings of the server besides those that make it durable
     * @throws UsageException if it cannot run on this machine, with the reason
     */
    public static EmbeddedServer start(List<String> command, Path directory, Path log, Map<String, String> settings)
            throws IOException, InterruptedException {
        Files.createDirectories(directory);
        byte[] random = new byte[16];
        new SecureRandom().nextBytes(random);
        String password = HexFormat.of().formatHex(random);
        Dialogue guard = Dialogue.start("postgres", command, log);
        boolean started = false;
        try {
            guard.send(Json.line(new PostgresGuard.Plan(directory.toString(), password, settings)));
            int port = Integer.parseInt(guard.receive(START_TIMEOUT));
            String url = "jdbc:postgresql://localhost:" + port + "/" + PostgresGuard.USER;
            EmbeddedServer server =
                    new EmbeddedServer(guard, directory, new DatabaseLogin(url, PostgresGuard.USER, password));
            started = true;
            return server;
        } catch (IOException | NumberFormatException e) {
            throw new UsageException(
                    "the embedded PostgreSQL does not start: " + e.getMessage()
                            + "; name a database of yours with --url instead",
                    e);
        } finally {
            if (!started) {
                guard.close();
            }
        }
    }

    /** The login of its only user, a superuser. */
    public DatabaseLogin login() {
        return login;
    }

    /** Stops it, and removes its files. */
    @Override
    public void close() throws IOException {
        guard.close();
        RunDirectory.deleteTree(directory);
    }
}
