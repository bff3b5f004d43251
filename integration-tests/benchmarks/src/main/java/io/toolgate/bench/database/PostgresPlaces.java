package io.toolgate.bench.database;

import io.toolgate.bench.contender.BenchDatabase;
import io.toolgate.bench.contender.DatabaseKind;
import io.toolgate.support.UsageException;
import java.security.SecureRandom;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Schemas of one PostgreSQL database, each dropped after use. */
final class PostgresPlaces implements Places {
    private static final String INSUFFICIENT_PRIVILEGE = "42501";

    private static final List<String> SETTINGS = List.of(
            "fsync",
            "synchronous_commit",
            "full_page_writes",
            "wal_sync_method",
            "data_checksums",
            "shared_buffers",
            "max_wal_size",
            "checkpoint_timeout",
            "max_connections");

    private final BenchDatabase server;
    private final String prefix;
    private final Set<String> schemas = new LinkedHashSet<>();
    private int made;
    private boolean mayCheckpoint = true;

    private PostgresPlaces(BenchDatabase server, String prefix) {
        this.server = server;
        this.prefix = prefix;
    }

    /**
     * Schemas of {@code server}.
     *
     * @throws UsageException if it cannot be connected to
     */
    static PostgresPlaces connect(BenchDatabase server) {
        byte[] random = new byte[4];
        new SecureRandom().nextBytes(random);
        PostgresPlaces places =
                new PostgresPlaces(server, "bench_" + HexFormat.of().formatHex(random) + "_");
        try {
            places.execute("SELECT 1");
        } catch (SQLException e) {
            throw new UsageException("cannot connect to " + server + ": " + e.getMessage(), e);
        }
        return places;
    }

    @Override
    public DatabaseKind kind() {
        return DatabaseKind.POSTGRESQL;
    }

    @Override
    public BenchDatabase create(String contender) throws SQLException {
        made++;
        String schema = prefix + made + "_" + contender.replaceAll("[^a-z0-9]", "_");
        execute("CREATE SCHEMA " + schema);
        schemas.add(schema);
        String url = server.url() + (server.url().contains("?") ? "&" : "?") + "currentSchema=" + schema;
        return new BenchDatabase(
                DatabaseKind.POSTGRESQL, url, server.user(), server.password(), schema, server.poolSize());
    }

    @Override
    public void drop(BenchDatabase place) throws SQLException {
        execute("DROP SCHEMA IF EXISTS " + place.schema() + " CASCADE");
        schemas.remove(place.schema());
    }

    @Override
    public void settle() throws SQLException {
        // Tables of other owners are skipped with a warning.
        execute("VACUUM (ANALYZE)");
        if (!mayCheckpoint) {
            return;
        }
        try {
            execute("CHECKPOINT");
        } catch (SQLException e) {
            if (!INSUFFICIENT_PRIVILEGE.equals(e.getSQLState())) {
                throw e;
            }
            mayCheckpoint = false;
        }
    }

    @Override
    public Map<String, Object> facts() throws SQLException {
        Map<String, Object> facts = new LinkedHashMap<>();
        facts.put("version", "PostgreSQL " + setting("server_version"));
        for (String name : SETTINGS) {
            facts.put(name, setting(name));
        }
        facts.put("driver", driver());
        facts.put("checkpoint_between_windows", mayCheckpoint ? "yes" : "not permitted");
        return facts;
    }

    private String driver() throws SQLException {
        try (Connection connection = server.connect()) {
            return connection.getMetaData().getDriverVersion();
        }
    }

    private String setting(String name) throws SQLException {
        try (Connection connection = server.connect();
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("SELECT current_setting('" + name + "')")) {
            return row.next() ? row.getString(1) : "";
        }
    }

    private void execute(String sql) throws SQLException {
        try (Connection connection = server.connect();
                Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    @Override
    public void close() throws SQLException {
        for (String schema : Set.copyOf(schemas)) {
            execute("DROP SCHEMA IF EXISTS " + schema + " CASCADE");
            schemas.remove(schema);
        }
    }
}
