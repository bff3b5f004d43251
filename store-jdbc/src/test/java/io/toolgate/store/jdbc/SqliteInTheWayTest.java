package io.toolgate.store.jdbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.toolgate.migrations.Database;
import io.toolgate.migrations.ToolGateMigrations;
import io.toolgate.store.StoreException;
import io.toolgate.store.contract.Rule;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A file that is no store yet, and holds something with the name of one of a store's tables or indexes. */
class SqliteInTheWayTest {
    @TempDir
    Path directory;

    private void run(String... statements) {
        try (var connection = DriverManager.getConnection(url());
                var statement = connection.createStatement()) {
            for (String each : statements) {
                int unused = statement.executeUpdate(each);
            }
        } catch (SQLException e) {
            throw new AssertionError(e);
        }
    }

    private Path file() {
        return directory.resolve("app.db");
    }

    private String url() {
        return "jdbc:sqlite:" + file();
    }

    private void assertRefused(String found, String... made) throws IOException {
        run(made);
        byte[] before = Files.readAllBytes(file());
        for (boolean migrate : new boolean[] {true, false}) {
            assertThatThrownBy(() ->
                            JdbcIdempotencyStore.builder(url()).migrate(migrate).open())
                    .isInstanceOf(StoreException.Misconfigured.class)
                    .hasMessage("Something in " + file() + " has a name that ToolGate's schema uses: " + found
                            + ", of another product, or of an installation that was not removed completely. Nothing was"
                            + " written. Give ToolGate a file of its own; drop what is in the way only if it is a rest"
                            + " of ToolGate's, without records that matter");
            assertThat(file()).hasBinaryContent(before);
            assertThat(directory).isDirectoryNotContaining("glob:**app.db?*");
        }
    }

    /** The names of all tables and indexes of a new store. */
    static Stream<String> names(@TempDir Path elsewhere) throws SQLException {
        String store = TestSqlite.installed(elsewhere.resolve("store.db"));
        List<String> names = new ArrayList<>();
        try (var connection = DriverManager.getConnection(store);
                var statement = connection.createStatement();
                var row = statement.executeQuery("SELECT name FROM sqlite_schema WHERE name LIKE 'tg~_%' ESCAPE '~'")) {
            while (row.next()) {
                names.add(row.getString(1));
            }
        }
        return names.stream();
    }

    @ParameterizedTest
    @MethodSource("names")
    @Rule(12)
    void aTableOfItsNameIsNamedAndLeft(String name) throws IOException {
        assertRefused("table " + name, "CREATE TABLE " + name + " (mine TEXT)");
    }

    @Test
    @Rule(12)
    void soAreViewsAndIndexesInWhateverCase() throws IOException {
        assertRefused(
                "table TG_Idempotency_Counts, index tg_idempotency_expires_at, view tg_store_info",
                "CREATE TABLE TG_Idempotency_Counts (mine TEXT)",
                "CREATE INDEX tg_idempotency_expires_at ON TG_Idempotency_Counts (mine)",
                "CREATE VIEW tg_store_info AS SELECT 1 AS schema_version");
    }

    @ParameterizedTest
    @ValueSource(strings = {"DELETE", "WAL"})
    void bothTablesOfAnotherProductAreNoStore(String journalMode) throws IOException {
        run("PRAGMA journal_mode = " + journalMode);
        assertRefused(
                "table tg_idempotency, table tg_store_info",
                "CREATE TABLE tg_idempotency (mine TEXT)",
                "CREATE TABLE tg_store_info (mine TEXT)");
    }

    /** What is in the way is not told from what a DBA installed, but by the table that says which store it is. */
    @Test
    void aStoreThatWasInstalledByHandIsOpened() {
        run(ToolGateMigrations.sql(Database.SQLITE).get(0).sql());
        JdbcIdempotencyStore.open(url()).close();
    }

    @Test
    void onceItIsGoneTheStoreIsMade() throws IOException {
        assertRefused("table tg_idempotency", "CREATE TABLE tg_idempotency (mine TEXT)", "CREATE TABLE orders (id)");
        run("DROP TABLE tg_idempotency");
        JdbcIdempotencyStore.open(url()).close();
    }
}
