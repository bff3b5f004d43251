package io.toolgate.bench.database;

import io.toolgate.bench.Json;
import io.toolgate.bench.UsageException;
import io.toolgate.bench.contender.BenchDatabase;
import io.toolgate.bench.contender.DatabaseKind;
import io.toolgate.bench.process.Child;
import io.toolgate.bench.process.Directories;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.sql.SQLException;
import java.time.Duration;
import java.util.HexFormat;
import java.util.Map;

/**
 * A throw-away PostgreSQL server, as durable as a real one, that does not outlive this process however it ends: it belongs to a
 * {@link PostgresGuard}.
 */
final class EmbeddedPlaces implements Places {
    private static final Duration PATIENCE = Duration.ofSeconds(90);

    private static final Map<String, String> SETTINGS = Map.of(
            // The library turns the first two off.
            "fsync", "on",
            "synchronous_commit", "on",
            "full_page_writes", "on",
            "max_connections", "600",
            "shared_buffers", "1GB",
            // Checkpoints come between windows, where they are asked for, and not in the middle of one.
            "max_wal_size", "8GB",
            "checkpoint_timeout", "30min");

    private final Child guard;
    private final Path directory;
    private final PostgresPlaces places;

    private EmbeddedPlaces(Child guard, Path directory, PostgresPlaces places) {
        this.guard = guard;
        this.directory = directory;
        this.places = places;
    }

    /**
     * Starts one.
     *
     * @param main that is a {@link PostgresGuard} when it is told so
     * @param run where its files go, in a directory of their own
     * @throws UsageException if there can be none on this machine, with the reason
     */
    static EmbeddedPlaces start(Class<?> main, Path run, int poolSize) throws IOException, InterruptedException {
        Path directory = Files.createDirectory(run.resolve("postgres"));
        byte[] random = new byte[16];
        new SecureRandom().nextBytes(random);
        String password = HexFormat.of().formatHex(random);
        Child guard = Child.start(main, PostgresGuard.ROLE, directory);
        try {
            guard.send(Json.line(new PostgresGuard.Plan(directory.toString(), password, SETTINGS)));
            String url = "jdbc:postgresql://localhost:" + guard.receive(PATIENCE) + "/" + PostgresGuard.USER;
            BenchDatabase server =
                    new BenchDatabase(DatabaseKind.POSTGRESQL, url, PostgresGuard.USER, password, "", poolSize);
            return new EmbeddedPlaces(guard, directory, PostgresPlaces.connect(server));
        } catch (IOException e) {
            guard.close();
            throw new UsageException(
                    "the embedded PostgreSQL does not start: " + e.getMessage()
                            + "; name a database with --url instead",
                    e);
        }
    }

    @Override
    public DatabaseKind kind() {
        return places.kind();
    }

    @Override
    public BenchDatabase create(String contender) throws SQLException {
        return places.create(contender);
    }

    @Override
    public void drop(BenchDatabase place) throws SQLException {
        places.drop(place);
    }

    @Override
    public void settle() throws SQLException {
        places.settle();
    }

    @Override
    public Map<String, Object> facts() throws IOException, SQLException {
        Map<String, Object> facts = places.facts();
        facts.put("file_system", Files.getFileStore(directory).type());
        facts.put("flush_ms", Directories.flushMillis(directory));
        return facts;
    }

    @Override
    public void close() throws IOException {
        guard.close();
        Directories.delete(directory);
    }
}
