package io.toolgate.store.jdbc;

import java.nio.file.Path;
import java.sql.SQLException;
import javax.sql.DataSource;
import org.junit.jupiter.api.io.TempDir;
import org.sqlite.SQLiteConfig;
import org.sqlite.SQLiteDataSource;

class SqliteRollingUpgradeTest extends RollingUpgradeRules {
    @TempDir
    Path directory;

    @Override
    JdbcIdempotencyStore.Builder builder() {
        return JdbcIdempotencyStore.builder("jdbc:sqlite:" + directory.resolve("store.db"));
    }

    /** Migrations of a file in use are by hand, or by another process that opens it: both wait for the write lock. */
    @Override
    DataSource dataSource() {
        SQLiteConfig config = new SQLiteConfig();
        config.setBusyTimeout(20_000);
        config.setTransactionMode(SQLiteConfig.TransactionMode.IMMEDIATE);
        SQLiteDataSource dataSource = new SQLiteDataSource(config);
        dataSource.setUrl("jdbc:sqlite:" + directory.resolve("store.db"));
        return dataSource;
    }

    @Override
    void run(String sql) {
        try (var connection = dataSource().getConnection();
                var statement = connection.createStatement()) {
            int unused = statement.executeUpdate(sql);
        } catch (SQLException e) {
            throw new AssertionError(e);
        }
    }
}
