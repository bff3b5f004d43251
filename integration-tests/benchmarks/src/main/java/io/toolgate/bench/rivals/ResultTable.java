package io.toolgate.bench.rivals;

import io.toolgate.bench.contender.BenchDatabase;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;

/**
 * The results that a rival has no place for: a table of keys and texts, in autocommitted statements of plain JDBC.
 * Safe for use by many threads.
 */
record ResultTable(DataSource pool) {
    private static final String CREATE =
            "CREATE TABLE results (idempotency_key text NOT NULL PRIMARY KEY, result text NOT NULL)";
    private static final String FIND = "SELECT result FROM results WHERE idempotency_key = ?";
    private static final String ADD = "INSERT INTO results (idempotency_key, result) VALUES (?, ?)";

    static void create(BenchDatabase database) throws SQLException {
        try (Connection connection = database.connect();
                Statement statement = connection.createStatement()) {
            statement.execute(CREATE);
        }
    }

    /** The stored result, or null as long as there is none. */
    @Nullable
    String find(String key) throws SQLException {
        try (Connection connection = pool.getConnection();
                PreparedStatement find = connection.prepareStatement(FIND)) {
            find.setString(1, key);
            try (ResultSet row = find.executeQuery()) {
                return row.next() ? row.getString(1) : null;
            }
        }
    }

    /** Stores a key's only result; a second one is an SQLException. */
    void add(String key, String result) throws SQLException {
        try (Connection connection = pool.getConnection();
                PreparedStatement add = connection.prepareStatement(ADD)) {
            add.setString(1, key);
            add.setString(2, result);
            add.executeUpdate();
        }
    }
}
