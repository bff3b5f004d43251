package io.toolgate.store.jdbc.internal.sqlite;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.toolgate.migrations.ToolGateMigrations;
import io.toolgate.store.jdbc.Backend;
import io.toolgate.store.jdbc.JdbcIdempotencyStore;
import io.toolgate.store.jdbc.TestRequests;
import io.toolgate.store.jdbc.internal.sql.Dialect;
import io.toolgate.store.jdbc.internal.sql.NamedSql;
import io.toolgate.store.jdbc.internal.sql.SqlFiles;
import java.nio.file.Path;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.Properties;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.sqlite.SQLiteConnection;

class StatementCacheTest {
    @TempDir
    Path directory;

    private Backend backend;
    private final String storeIdentity = NamedSql.of(SqlFiles.load(Dialect.SQLITE, SqlFiles.Name.STORE_IDENTITY))
            .text();

    @BeforeEach
    void open() {
        backend = Backend.sqlite(directory);
    }

    private SQLiteConnection connection() throws SQLException {
        return SqliteConnections.to(SqliteFile.at(directory.resolve("store.db")))
                .getConnection(null, null);
    }

    @Test
    void aStatementOfTheStoreIsCompiledOnceAndItsReadEndsOnClose() throws SQLException {
        try (SQLiteConnection connection = connection()) {
            PreparedStatement first = connection.prepareStatement(storeIdentity);
            var row = first.executeQuery();
            assertThat(row.next()).isTrue();
            first.close();
            assertThat(row.isClosed()).isTrue();
            try (PreparedStatement second = connection.prepareStatement(storeIdentity);
                    var again = second.executeQuery()) {
                assertThat(second).isSameAs(first);
                assertThat(again.next()).isTrue();
                assertThat(again.getString(1)).isNotBlank();
            }
        }
    }

    @Test
    void aStatementThatWasNotReturnedIsNotReused() throws SQLException {
        try (SQLiteConnection connection = connection()) {
            PreparedStatement lost = connection.prepareStatement(storeIdentity);
            try (PreparedStatement other = connection.prepareStatement(storeIdentity)) {
                assertThat(other).isNotSameAs(lost);
            }
            lost.close();
            try (PreparedStatement kept = connection.prepareStatement(storeIdentity)) {
                assertThat(kept).isSameAs(lost);
            }
        }
    }

    @Test
    void otherStatementsAreCompiledEachTime() throws SQLException {
        try (SQLiteConnection connection = connection()) {
            PreparedStatement first = connection.prepareStatement("SELECT 1");
            first.close();
            try (PreparedStatement second = connection.prepareStatement("SELECT 1")) {
                assertThat(second).isNotSameAs(first);
            }
            assertThatThrownBy(first::executeQuery).isInstanceOf(SQLException.class);
        }
    }

    @Test
    void anInsertLeavesNoReadOpenToBeInterrupted() throws SQLException {
        String insert = "INSERT INTO tg_idempotency_counts (action, hour) VALUES (?, 1)";
        Properties settings = new Properties();
        try (SQLiteConnection connection =
                new StatementCache(directory.resolve("store.db").toString(), settings, Set.of(insert))) {
            for (String action : List.of("first", "second")) {
                try (PreparedStatement statement = connection.prepareStatement(insert)) {
                    statement.setString(1, action);
                    assertThat(statement.executeUpdate()).isEqualTo(1);
                }
                try (Statement other = connection.createStatement()) {
                    other.cancel();
                }
            }
        }
    }

    @Test
    void aSchemaChangeIsSeenByCachedStatements() {
        try (JdbcIdempotencyStore store = backend.builder().open()) {
            var before = TestRequests.acquired(store, TestRequests.hold(TestRequests.freshId()));
            ToolGateMigrations.switchJournal(backend.dataSource(), true);
            var after = TestRequests.acquired(store, TestRequests.hold(TestRequests.freshId()));
            assertThat(store.journal(after.id())).hasSize(1);
            assertThat(store.journal(before.id())).isEmpty();
            ToolGateMigrations.switchJournal(backend.dataSource(), false);
            var last = TestRequests.acquired(store, TestRequests.hold(TestRequests.freshId()));
            assertThat(last.fence()).isEqualTo(1);
        }
    }
}
