package io.toolgate.bench.own;

import io.toolgate.bench.contender.BenchDatabase;
import io.toolgate.bench.contender.DatabaseKind;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.UUID;

/** The table of the hand-written code, and its three statements, the same for both databases. */
final class RunsTable {
    static final String CLAIM = """
            INSERT INTO runs (idempotency_key, token, status, created_at, updated_at)
            VALUES (?, ?, 'IN_PROGRESS', CURRENT_TIMESTAMP, CURRENT_TIMESTAMP)
            ON CONFLICT (idempotency_key) DO NOTHING""";

    static final String COMPLETE = """
            UPDATE runs SET status = 'COMPLETED', result = ?, updated_at = CURRENT_TIMESTAMP
            WHERE idempotency_key = ? AND token = ?""";

    /** No row, or one whose result is null as long as the key runs. */
    static final String FIND = "SELECT result FROM runs WHERE idempotency_key = ?";

    private static final String CREATE_POSTGRESQL = """
            CREATE TABLE runs (
                idempotency_key text PRIMARY KEY,
                token uuid NOT NULL,
                status text NOT NULL,
                result text,
                created_at timestamptz NOT NULL,
                updated_at timestamptz NOT NULL)""";

    private static final String CREATE_SQLITE = """
            CREATE TABLE runs (
                idempotency_key TEXT PRIMARY KEY,
                token TEXT NOT NULL,
                status TEXT NOT NULL,
                result TEXT,
                created_at TEXT NOT NULL,
                updated_at TEXT NOT NULL)""";

    private static final String FILL_POSTGRESQL = """
            INSERT INTO runs (idempotency_key, token, status, result, created_at, updated_at)
            SELECT gen_random_uuid()::text, gen_random_uuid(), 'COMPLETED', 'receipt', now(), now()
            FROM generate_series(1, ?)""";

    private static final String FILL_SQLITE = """
            WITH RECURSIVE rows (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM rows WHERE n < ?)
            INSERT INTO runs (idempotency_key, token, status, result, created_at, updated_at)
            SELECT lower(hex(randomblob(16))), lower(hex(randomblob(16))), 'COMPLETED', 'receipt', CURRENT_TIMESTAMP,
                CURRENT_TIMESTAMP
            FROM rows""";

    private RunsTable() {}

    static void create(BenchDatabase database) throws SQLException {
        try (Connection connection = database.connect();
                Statement statement = connection.createStatement()) {
            statement.execute(
                    switch (database.kind()) {
                        case POSTGRESQL -> CREATE_POSTGRESQL;
                        case SQLITE -> CREATE_SQLITE;
                    });
        }
    }

    static void fill(BenchDatabase database, long rows) throws SQLException {
        String sql = switch (database.kind()) {
            case POSTGRESQL -> FILL_POSTGRESQL;
            case SQLITE -> FILL_SQLITE;
        };
        try (Connection connection = database.connect();
                PreparedStatement fill = connection.prepareStatement(sql)) {
            fill.setLong(1, rows);
            fill.executeUpdate();
        }
    }

    /** A token in the form that the database's driver expects. */
    static Object parameter(DatabaseKind kind, UUID token) {
        return kind == DatabaseKind.SQLITE ? token.toString() : token;
    }
}
