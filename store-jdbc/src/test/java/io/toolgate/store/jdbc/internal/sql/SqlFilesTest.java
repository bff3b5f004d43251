package io.toolgate.store.jdbc.internal.sql;

import static org.assertj.core.api.Assertions.assertThat;

import io.toolgate.store.jdbc.SqlFileParts;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What every SQL file says about itself is true, and there is no SQL anywhere else. */
class SqlFilesTest {
    private static final Path SOURCES = Path.of("src/main");
    private static final Path FOLDER = SOURCES.resolve("resources/io/toolgate/store/jdbc");

    // A text that begins like a statement, or holds a clause that only statements have.
    private static final Pattern SQL_IN_JAVA = Pattern.compile(
            "\"\\s*(SELECT|INSERT|UPDATE|DELETE|WITH|PRAGMA|ALTER|CREATE|DROP|SET|BEGIN|COMMIT|EXPLAIN)\\s+[\\w(*]"
                    + "|\"[^\"]*\\b(FROM tg_|INTO tg_|UPDATE tg_|WHERE \\w+ ?=)");

    static Stream<Path> files() {
        return SqlFileParts.files(FOLDER).stream();
    }

    /**
     * What one statement does on PostgreSQL takes SQLite several, which write one table each and make a transaction;
     * and its usual completion gives no row back. No other file may be in one folder only.
     */
    private static final Set<SqlFiles.Name> OF_SQLITE_ONLY = Set.of(
            SqlFiles.Name.CHECKPOINT_VERSION,
            SqlFiles.Name.RESOLVE_RECORD,
            SqlFiles.Name.PURGE_CHECKPOINTS,
            SqlFiles.Name.PURGE_DECISIONS,
            SqlFiles.Name.COMPLETE_FIRST);

    /**
     * What takes SQLite, whose writer is in this process, a transaction of the single statements; and what is about
     * standbys, which it has not.
     */
    private static final Set<SqlFiles.Name> OF_POSTGRES_ONLY =
            Set.of(SqlFiles.Name.WRITE_TOGETHER, SqlFiles.Name.CONFIRM);

    static Stream<SqlFiles.Name> ofPostgres() {
        return Stream.of(SqlFiles.Name.values()).filter(name -> !OF_SQLITE_ONLY.contains(name));
    }

    static Stream<SqlFiles.Name> ofSqlite() {
        return Stream.of(SqlFiles.Name.values()).filter(name -> !OF_POSTGRES_ONLY.contains(name));
    }

    @Test
    void bothDialectsHaveTheSameFilesButForTheNamedOnesAndNoOthers() {
        for (Dialect dialect : Dialect.values()) {
            Set<String> expected = (dialect == Dialect.POSTGRESQL ? ofPostgres() : ofSqlite())
                    .map(SqlFiles.Name::file)
                    .collect(Collectors.toSet());
            assertThat(files().filter(file -> file.getParent().endsWith(dialect.folder()))
                            .map(file -> file.getFileName().toString()))
                    .as(dialect.folder())
                    .containsExactlyInAnyOrderElementsOf(expected);
        }
    }

    @ParameterizedTest
    @MethodSource("files")
    void theHeaderHasEveryPart(Path file) throws IOException {
        SqlFileParts.assertHeaderIsComplete(file);
    }

    @ParameterizedTest
    @MethodSource("files")
    void theHeaderNamesExactlyTheParametersInTheirOrder(Path file) throws IOException {
        List<String> inBody = SqlFileParts.parameters(SqlFileParts.body(file));
        // :now, being everywhere, comes last; the others as they come.
        List<String> ordered = Stream.concat(
                        inBody.stream().filter(name -> !name.equals("now")),
                        inBody.stream().filter("now"::equals))
                .toList();
        assertThat(SqlFileParts.namedParameters(file)).isEqualTo(ordered);
    }

    @ParameterizedTest
    @MethodSource("files")
    void eachFileHoldsOneStatementWithoutTemplates(Path file) throws IOException {
        assertThat(SqlFileParts.body(file))
                .doesNotContain(";")
                .doesNotContain("${")
                .doesNotContain("--")
                .as("codes are constants of the library")
                .doesNotContain("'toolgate:");
    }

    @ParameterizedTest
    @MethodSource("ofPostgres")
    void theWritesOfPostgresForceTheirCommitToBeSynchronousAndNothingElseDoes(SqlFiles.Name name) {
        boolean transition = switch (name) {
            case CLAIM_INSERT,
                    CLAIM_TAKE,
                    CLAIM_MARK_IN_DOUBT,
                    HEARTBEAT,
                    COMPLETE,
                    COMPLETE_IN,
                    FAIL,
                    CHECKPOINT,
                    RESOLVE,
                    WRITE_TOGETHER,
                    CONFIRM -> true;
            default -> false;
        };
        assertThat(SqlFiles.load(Dialect.POSTGRESQL, name).contains("set_config('synchronous_commit', 'on', true)"))
                .isEqualTo(transition);
        if (name.isOf(Dialect.SQLITE)) {
            assertThat(SqlFiles.load(Dialect.SQLITE, name)).doesNotContain("synchronous_commit");
        }
        // An input is written in the transaction that CLAIM_INSERT or CLAIM_TAKE has begun.
        if (!transition && name != SqlFiles.Name.COUNT && name != SqlFiles.Name.CLAIM_INPUT) {
            assertThat(SqlFiles.load(Dialect.POSTGRESQL, name))
                    .as("what is not a transition writes nothing but purges")
                    .doesNotContainPattern("(?m)^ *(UPDATE|INSERT INTO) ");
        }
    }

    @ParameterizedTest
    @MethodSource("ofPostgres")
    void noStatementTakesALockBeyondItsRole(SqlFiles.Name name) {
        assertThat(SqlFiles.load(Dialect.POSTGRESQL, name)
                        .toUpperCase(java.util.Locale.ROOT)
                        // Which the runtime may take, whose statements these are, and the purger may not.
                        .replace(
                                Set.of(SqlFiles.Name.CHECKPOINT, SqlFiles.Name.RESOLVE, SqlFiles.Name.HEARTBEAT)
                                                .contains(name)
                                        ? "FOR NO KEY UPDATE"
                                        : ";",
                                ""))
                .doesNotContain("FOR UPDATE")
                .doesNotContain("FOR NO KEY UPDATE")
                .doesNotContain("LOCK TABLE");
    }

    @Test
    void noJavaSourceHoldsSql() throws IOException {
        try (Stream<Path> walk = Files.walk(SOURCES.resolve("java"))) {
            for (Path source :
                    walk.filter(path -> path.toString().endsWith(".java")).toList()) {
                assertThat(SQL_IN_JAVA
                                .matcher(Files.readString(source))
                                .results()
                                .map(MatchResult::group))
                        .as(source.toString())
                        .isEmpty();
            }
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "\"SELECT 1\"",
                "\"PRAGMA query_only = ON\"",
                "\"DELETE FROM tg_idempotency\"",
                "\"x FROM tg_store_info\"",
                "\"SET LOCAL synchronous_commit\""
            })
    void theSearchFindsSql(String source) {
        assertThat(SQL_IN_JAVA.matcher(source).find()).isTrue();
    }

    @Test
    void theTestFindsFiles() {
        assertThat(files()).hasSizeGreaterThan(20);
        assertThat(new TreeSet<>(SqlFileParts.parameters("WHERE a = :a AND b = :b OR a = :a")))
                .containsExactly("a", "b");
    }
}
