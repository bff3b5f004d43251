package io.toolgate.bench.database;

import io.toolgate.bench.contender.BenchDatabase;
import io.toolgate.bench.contender.DatabaseKind;
import io.toolgate.support.UsageException;
import io.toolgate.support.process.EmbeddedServer;
import io.toolgate.support.process.JavaCommand;
import io.toolgate.support.process.PostgresGuard;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.Map;

/** Schemas of a temporary PostgreSQL server of the run's own. */
final class EmbeddedPlaces implements Places {
    private static final Map<String, String> SETTINGS = Map.of(
            "max_connections", "600",
            "shared_buffers", "1GB",
            // Checkpoints happen between windows, where they are asked for, and not in the middle of one.
            "max_wal_size", "8GB",
            "checkpoint_timeout", "30min");

    private final EmbeddedServer server;
    private final Path directory;
    private final PostgresPlaces places;

    private EmbeddedPlaces(EmbeddedServer server, Path directory, PostgresPlaces places) {
        this.server = server;
        this.directory = directory;
        this.places = places;
    }

    /**
     * Starts one.
     *
     * @param main the program's class, which knows the role {@link PostgresGuard#ROLE}
     * @param run the run's directory, for the server's files
     * @throws UsageException if the server cannot run on this machine, with the reason
     */
    static EmbeddedPlaces start(Class<?> main, Path run, int poolSize) throws IOException, InterruptedException {
        Path directory = run.resolve("postgres");
        EmbeddedServer server = EmbeddedServer.start(
                JavaCommand.measured(run, main, PostgresGuard.ROLE), directory, run.resolve("postgres.log"), SETTINGS);
        boolean connected = false;
        try {
            PostgresPlaces places = PostgresPlaces.connect(BenchDatabase.server(server.login(), poolSize));
            connected = true;
            return new EmbeddedPlaces(server, directory, places);
        } finally {
            if (!connected) {
                server.close();
            }
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
        facts.put("flush_ms", DiskFlush.medianMillis(directory));
        return facts;
    }

    @Override
    public void close() throws IOException {
        server.close();
    }
}
