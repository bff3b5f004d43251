package io.toolgate.bench.own;

import com.zaxxer.hikari.HikariDataSource;
import io.toolgate.bench.contender.DatabaseKind;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** The statements as plain JDBC. */
record JdbcStatements(HikariDataSource pool, DatabaseKind kind) implements RunStatements {
    @Override
    public boolean claim(String key, UUID token) throws SQLException {
        try (Connection connection = pool.getConnection();
                PreparedStatement claim = connection.prepareStatement(RunsTable.CLAIM)) {
            claim.setString(1, key);
            claim.setObject(2, RunsTable.parameter(kind, token));
            return claim.executeUpdate() == 1;
        }
    }

    @Override
    public boolean complete(String key, UUID token, String result) throws SQLException {
        try (Connection connection = pool.getConnection();
                PreparedStatement complete = connection.prepareStatement(RunsTable.COMPLETE)) {
            complete.setString(1, result);
            complete.setString(2, key);
            complete.setObject(3, RunsTable.parameter(kind, token));
            return complete.executeUpdate() == 1;
        }
    }

    @Override
    public @Nullable String find(String key) throws SQLException {
        try (Connection connection = pool.getConnection();
                PreparedStatement find = connection.prepareStatement(RunsTable.FIND)) {
            find.setString(1, key);
            try (ResultSet row = find.executeQuery()) {
                return row.next() ? row.getString(1) : null;
            }
        }
    }

    @Override
    public void close() {
        pool.close();
    }
}
