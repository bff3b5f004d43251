package io.toolgate.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.toolgate.migrations.Database;
import io.toolgate.store.jdbc.SqlFileParts;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The headers of the command line's SQL files are true, both databases have the same files, and none writes.
 */
class CliSqlFilesTest {
    private static final Path FOLDER = Path.of("src/main/resources/io/toolgate/cli/query");
    private static final Path STORE_FOLDER = Path.of("../../store-jdbc/src/main/resources/io/toolgate/store/jdbc");
    private static final Pattern STANDBYS = Pattern.compile("FROMpg_catalog\\.pg_stat_replication.*?'logical'\\)");
    private static final Pattern WRITES =
            Pattern.compile("\\b(INSERT|UPDATE|DELETE|TRUNCATE|CREATE|ALTER|DROP|LOCK|nextval)\\b(?! ')");

    static List<Path> files() {
        return SqlFileParts.files(FOLDER);
    }

    @Test
    void bothDatabasesHaveTheSameFiles() {
        assertThat(names(Database.POSTGRESQL)).hasSizeGreaterThan(30).isEqualTo(names(Database.SQLITE));
    }

    private static List<String> names(Database database) {
        Path folder = FOLDER.resolve(database.directory());
        return files().stream()
                .filter(file -> file.startsWith(folder))
                .map(file -> folder.relativize(file).toString())
                .toList();
    }

    @ParameterizedTest
    @MethodSource("files")
    void theHeaderHasEveryPart(Path file) throws IOException {
        SqlFileParts.assertHeaderIsComplete(file);
    }

    @ParameterizedTest
    @MethodSource("files")
    void theHeaderNamesExactlyTheParameters(Path file) throws IOException {
        assertThat(SqlFileParts.namedParameters(file))
                .containsExactlyInAnyOrderElementsOf(SqlFileParts.parameters(SqlFileParts.body(file)));
    }

    @ParameterizedTest
    @MethodSource("files")
    void eachFileIsOneReadOnlyStatement(Path file) throws IOException {
        assertThat(SqlFileParts.body(file))
                .doesNotContain(";")
                .doesNotContain("--")
                .as("codes are constants of the library")
                .doesNotContain("'toolgate:")
                .doesNotContainPattern(WRITES);
    }

    /** A store warns of them, and {@code doctor} finds them: by one rule, in the statement of either. */
    @Test
    void theStandbysAreThoseThatAStoreCounts() throws IOException {
        assertThat(standbys(FOLDER.resolve("postgresql/doctor/commit_safety.sql")))
                .isEqualTo(standbys(STORE_FOLDER.resolve("postgresql/startup.sql")));
    }

    /** The standbys that no commit waits for: what a statement reads, and the conditions. */
    private static String standbys(Path file) throws IOException {
        Matcher rule = STANDBYS.matcher(SqlFileParts.body(file).replaceAll("\\s+", ""));
        assertThat(rule.find()).as("%s", file).isTrue();
        return rule.group();
    }
}
