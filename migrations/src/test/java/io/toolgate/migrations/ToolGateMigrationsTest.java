package io.toolgate.migrations;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Proxy;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DatabaseMetaData;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import javax.sql.DataSource;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Tests that need no database: refusals, and the scripts in the jar. */
class ToolGateMigrationsTest {

    @Test
    void anotherDatabaseIsRefusedByNameWithoutItsPassword() {
        DataSource h2 = database("H2", "2.3.232", 2, 3, "jdbc:h2:mem:x;PASSWORD=secret");

        for (Runnable call : List.<Runnable>of(
                () -> assertThat(ToolGateMigrations.migrate(h2)).isNull(),
                () -> assertThat(ToolGateMigrations.schemaVersion(h2)).isNull())) {
            assertThatThrownBy(call::run)
                    .isInstanceOf(UnsupportedDatabaseException.class)
                    .hasMessageContaining("H2 2.3.232 (jdbc:h2)")
                    .hasMessageContaining("PostgreSQL 14 and newer and SQLite 3.37 and newer")
                    .hasMessageNotContaining("secret");
        }
    }

    @Test
    void olderVersionsAreRefused() {
        for (DataSource old : List.of(
                database("PostgreSQL", "13.22", 13, 22, "jdbc:postgresql://db/x"),
                database("SQLite", "3.36.0", 3, 36, "jdbc:sqlite:x.db"))) {
            assertThatThrownBy(() -> ToolGateMigrations.migrate(old))
                    .isInstanceOf(UnsupportedDatabaseException.class)
                    .hasMessageContaining("or newer, and this is");
        }
    }

    @Test
    void aDatabaseThatCannotBeReachedIsATypedError() {
        DataSource down = proxy(DataSource.class, (self, method, arguments) -> {
            throw new SQLException("connection refused", "08001");
        });

        assertThatThrownBy(() -> ToolGateMigrations.schemaVersion(down))
                .isInstanceOf(MigrationException.class)
                .hasMessageContaining("connection refused")
                .hasCauseInstanceOf(SQLException.class);
    }

    @ParameterizedTest
    @EnumSource
    void theScriptsAreTheOnesInTheFlywayLocation(Database database) throws IOException {
        List<MigrationScript> scripts = ToolGateMigrations.sql(database);

        assertThat(scripts).hasSize(ToolGateMigrations.currentVersion());
        assertThat(scripts.stream().map(MigrationScript::fileName))
                .containsExactlyInAnyOrderElementsOf(files(Bundle.MIGRATIONS.resolve(database.directory())));
        for (MigrationScript script : scripts) {
            assertThat(script.fileName()).startsWith("toolgate_" + script.version() + "__");
            assertThat(script.sql())
                    .isEqualTo(Files.readString(
                            Bundle.MIGRATIONS.resolve(database.directory()).resolve(script.fileName())))
                    .doesNotContain("${");
        }
    }

    @Test
    void bothDatabasesHaveTheSameFiles() throws IOException {
        assertThat(files(Bundle.MIGRATIONS.resolve("postgresql")))
                .isEqualTo(files(Bundle.MIGRATIONS.resolve("sqlite")));
        assertThat(files(Bundle.JOURNAL.resolve("postgresql"))).isEqualTo(files(Bundle.JOURNAL.resolve("sqlite")));
    }

    @Test
    void everyStatementOfAMigrationIsExplained() throws IOException {
        for (Database database : Database.values()) {
            for (MigrationScript script : ToolGateMigrations.sql(database)) {
                explained(script.sql());
            }
            for (String switching : List.of("journal_on.sql", "journal_off.sql")) {
                explained(Files.readString(
                        Bundle.JOURNAL.resolve(database.directory()).resolve(switching)));
            }
        }
    }

    private static void explained(String sql) {
        String withoutBodies =
                sql.replaceAll("(?s)\\$(\\w*)\\$.*?\\$\\1\\$", "").replaceAll("(?s)\nBEGIN\n.*?\nEND;", "");
        Stream.of(withoutBodies.split(";[ \t]*\n(?=\n)"))
                .filter(part -> !part.isBlank())
                .forEach(part -> assertThat(part.strip()).startsWith("--"));
    }

    @Test
    void eachVersionStateHasItsOwnAnswer() {
        List<SchemaVersion> states = List.of(
                new SchemaVersion.Absent(),
                new SchemaVersion.Current(1),
                new SchemaVersion.Older(1),
                new SchemaVersion.Newer(2));

        assertThat(states.stream()
                        .map(state -> state.<String>fold(
                                () -> "absent",
                                current -> "current " + current.version(),
                                older -> "older " + older.version(),
                                newer -> "newer " + newer.version())))
                .containsExactly("absent", "current 1", "older 1", "newer 2");
    }

    private static Set<String> files(Path folder) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.map(file -> file.getFileName().toString()).collect(Collectors.toCollection(TreeSet::new));
        }
    }

    private static DataSource database(String product, String version, int major, int minor, String url) {
        Map<String, Object> answers = Map.of(
                "getDatabaseProductName", product,
                "getDatabaseProductVersion", version,
                "getDatabaseMajorVersion", major,
                "getDatabaseMinorVersion", minor,
                "getURL", url);
        DatabaseMetaData metaData =
                proxy(DatabaseMetaData.class, (self, method, arguments) -> answers.get(method.getName()));
        Connection connection = proxy(
                Connection.class,
                (self, method, arguments) -> method.getName().equals("getMetaData") ? metaData : null);
        return proxy(DataSource.class, (self, method, arguments) -> connection);
    }

    private static <T> T proxy(Class<T> type, InvocationHandler handler) {
        return type.cast(Proxy.newProxyInstance(type.getClassLoader(), new Class<?>[] {type}, handler));
    }
}
