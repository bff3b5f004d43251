package io.toolgate.store.jdbc.internal.sql;

import static org.assertj.core.api.Assertions.assertThat;

import io.toolgate.store.jdbc.JdbcIdempotencyStore;
import io.toolgate.store.jdbc.SqlFileParts;
import io.toolgate.store.jdbc.TestPostgres;
import io.toolgate.store.jdbc.TestPostgres.TestDatabase;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.sqlite.SQLiteDataSource;

/**
 * Every statement can be prepared, and finds its rows as its header says, on ten thousand rows with real statistics.
 */
class SqlPlansTest {
    /** Puts a constant of the right type in the place of each parameter. */
    private static String withValues(String sql, Map<String, String> values) {
        Matcher matcher = SqlFileParts.PARAMETER.matcher(sql);
        return matcher.replaceAll(match -> Matcher.quoteReplacement(values.getOrDefault(match.group(1), "NULL")));
    }

    private static String explain(Connection connection, String prefix, String sql) throws SQLException {
        List<String> lines = new ArrayList<>();
        try (var statement = connection.createStatement();
                var row = statement.executeQuery(prefix + sql)) {
            int last = row.getMetaData().getColumnCount();
            while (row.next()) {
                lines.add(row.getString(last));
            }
        }
        return String.join("\n", lines);
    }

    private static boolean onePlace(SqlFiles.Name name) {
        return switch (name) {
            case CLAIM_INSERT,
                    CLAIM_TAKE,
                    CLAIM_INPUT,
                    CLAIM_MARK_IN_DOUBT,
                    HEARTBEAT,
                    COMPLETE,
                    COMPLETE_FIRST,
                    COMPLETE_IN,
                    FAIL,
                    CHECKPOINT,
                    CHECKPOINT_VERSION,
                    RESOLVE,
                    RESOLVE_RECORD,
                    HISTORY,
                    PEEK,
                    PEEK_ALL,
                    CONFIRM,
                    WRITE_TOGETHER -> true;
            default -> false;
        };
    }

    @Nested
    @TestInstance(TestInstance.Lifecycle.PER_CLASS)
    class Postgres {
        private final TestDatabase database = TestPostgres.migrated();

        @BeforeAll
        void fill() {
            database.run(
                    "INSERT INTO tg_idempotency SELECT tg_record_id('t', 'a', 'k' || i), 't', 'a', 'k' || i,"
                            + " 'COMPLETED', 1, 2, gen_random_uuid(), 'o', now(), sha256(i::text::bytea), '\\x00', 'c',"
                            + " NULL, NULL, now(), now(), now() + i * interval '1 minute' FROM generate_series(1,"
                            + " 10000) AS i",
                    "ANALYZE tg_idempotency",
                    // What the statistics do not know of yet: nine tenths expired meanwhile.
                    "ALTER TABLE tg_idempotency SET (autovacuum_enabled = off)",
                    "UPDATE tg_idempotency SET created_at = created_at - interval '1 year', updated_at = updated_at -"
                            + " interval '2 years', expires_at = expires_at - interval '6 days'");
        }

        @AfterAll
        void drop() {
            database.drop();
        }

        static Stream<SqlFiles.Name> names() {
            return Stream.of(SqlFiles.Name.values()).filter(name -> name.isOf(Dialect.POSTGRESQL));
        }

        @ParameterizedTest
        @MethodSource("names")
        void isPreparedByTheServer(SqlFiles.Name name) throws SQLException {
            String sql = SqlFileParts.PARAMETER
                    .matcher(SqlFiles.load(Dialect.POSTGRESQL, name))
                    .replaceAll("?");
            try (Connection connection = database.dataSource().getConnection();
                    var statement = connection.prepareStatement(sql)) {
                long named = SqlFileParts.PARAMETER
                        .matcher(SqlFiles.load(Dialect.POSTGRESQL, name))
                        .results()
                        .count();
                assertThat(statement.getParameterMetaData().getParameterCount()).isEqualTo((int) named);
            }
        }

        /**
         * A server plans a prepared statement once, perhaps while the table is new, and goes on with that plan while it
         * grows.
         */
        @ParameterizedTest
        @MethodSource("names")
        void itsPlanFitsALargeTableEvenIfItWasMadeForAnEmptyOne(SqlFiles.Name name) throws SQLException {
            if (!onePlace(name)) {
                return;
            }
            TestDatabase empty = TestPostgres.migrated();
            try (Connection connection = empty.dataSource().getConnection();
                    var statement = connection.createStatement()) {
                Map<String, Integer> places = new java.util.LinkedHashMap<>();
                String sql = SqlFileParts.PARAMETER
                        .matcher(SqlFiles.load(Dialect.POSTGRESQL, name))
                        .replaceAll(match ->
                                "\\$" + places.computeIfAbsent(match.group(1), parameter -> places.size() + 1));
                boolean unused = statement.execute("SET plan_cache_mode = force_generic_plan");
                boolean unused2 = statement.execute("PREPARE it AS " + sql);
                String nulls = String.join(", ", java.util.Collections.nCopies(places.size(), "NULL"));
                String plan = explain(connection, "EXPLAIN EXECUTE it(" + nulls + ")", "");
                assertThat(plan).contains("tg_idempotency_pkey").doesNotContain("Seq Scan on tg_idempotency ");
            } finally {
                empty.drop();
            }
        }

        @Test
        void thePurgeFindsItsBatchWithoutScanningAllExpiredRows() throws SQLException {
            try (Connection connection = database.dataSource().getConnection()) {
                String plan = explain(
                        connection,
                        "EXPLAIN (ANALYZE, COSTS OFF, TIMING OFF, SUMMARY OFF, BUFFERS OFF) ",
                        withValues(SqlFiles.load(Dialect.POSTGRESQL, SqlFiles.Name.PURGE), Map.of("limit", "10")));
                assertThat(plan).contains("tg_idempotency_pkey").contains("Delete on tg_idempotency t (actual rows=10");
                assertThat(plan.lines().filter(line -> line.contains("tg_idempotency_expires_at")))
                        .hasSize(1);
            }
        }

        @ParameterizedTest
        @MethodSource("names")
        void findsItsRowsByTheIndexInItsHeader(SqlFiles.Name name) throws SQLException {
            String id = "'00000000-0000-0000-0000-000000000001'::uuid";
            Map<String, String> values = Map.ofEntries(
                    Map.entry("id", id),
                    Map.entry("token", id),
                    Map.entry("seenToken", id),
                    Map.entry("ids", "ARRAY[" + id + ", " + id + "]"),
                    Map.entry("tokens", "ARRAY[" + id + ", " + id + "]"),
                    Map.entry("completionIds", "ARRAY[" + id + ", " + id + "]"),
                    Map.entry("completionTokens", "ARRAY[" + id + ", " + id + "]"),
                    Map.entry("writers", "ARRAY['*', '7']"),
                    Map.entry("store", "'store'"),
                    Map.entry("lease", "30000000"),
                    Map.entry("retention", "30000000"),
                    Map.entry("olderThan", "0"),
                    Map.entry("limit", "10"),
                    Map.entry("version", "1"),
                    Map.entry("seenVersion", "1"),
                    Map.entry("seenStatus", "'IN_PROGRESS'"),
                    Map.entry("expected", "'IN_PROGRESS'"),
                    Map.entry("decision", "'RETRY'"),
                    Map.entry("status", "'RETRYABLE'"),
                    Map.entry("from", "CAST(0 AS bigint)"),
                    Map.entry("to", "CAST(10 AS bigint)"),
                    Map.entry("counts", "'[[\"61\",1,1,1,1,1,1,1]]'"),
                    Map.entry("restart", "false"));
            try (Connection connection = database.dataSource().getConnection()) {
                String plan =
                        explain(connection, "EXPLAIN ", withValues(SqlFiles.load(Dialect.POSTGRESQL, name), values));
                if (onePlace(name)) {
                    assertThat(plan).contains("tg_idempotency_pkey").doesNotContain("Seq Scan on tg_idempotency ");
                }
                if (name == SqlFiles.Name.SCAN_UNFINISHED) {
                    assertThat(plan).contains("Tid Range Scan on tg_idempotency");
                }
                if (name == SqlFiles.Name.PURGE) {
                    assertThat(plan)
                            .contains("tg_idempotency_expires_at")
                            .contains("tg_idempotency_pkey")
                            .doesNotContain("Seq Scan on tg_idempotency ");
                }
                if (name == SqlFiles.Name.FIND_UNFINISHED) {
                    assertThat(plan).as("the one documented scan").contains("Seq Scan on tg_idempotency");
                }
                if (name == SqlFiles.Name.WRITE_TOGETHER) {
                    assertThat(plan)
                            .as("claims are written before completions, or processes that meet could deadlock")
                            .startsWith("Append")
                            .containsSubsequence("CTE Scan on claimed", "CTE Scan on completed");
                }
            }
        }
    }

    @Nested
    @TestInstance(TestInstance.Lifecycle.PER_CLASS)
    class Sqlite {
        private final SQLiteDataSource dataSource = new SQLiteDataSource();

        @BeforeAll
        void fill(@TempDir Path directory) throws SQLException {
            String url = "jdbc:sqlite:" + directory.resolve("store.db");
            JdbcIdempotencyStore.open(url).close();
            dataSource.setUrl(url);
            try (Connection connection = dataSource.getConnection();
                    var statement = connection.createStatement()) {
                int unused = statement.executeUpdate(
                        "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 10000) INSERT INTO"
                                + " tg_idempotency (record_id, tenant, action, idempotency_key, status, fence, version,"
                                + " claim_token, owner, lease_until, fingerprint, result, result_codec, failure_code,"
                                + " failure_message, created_at, updated_at, expires_at) SELECT randomblob(16), 't',"
                                + " 'a', 'k' || i, 'COMPLETED', 1, 2, randomblob(16), 'o', 0, randomblob(32), x'00',"
                                + " 'c', NULL, NULL, 1, 1, 2 + i FROM n");
                int unused2 = statement.executeUpdate("ANALYZE");
            }
        }

        static Stream<SqlFiles.Name> names() {
            return Stream.of(SqlFiles.Name.values()).filter(name -> name.isOf(Dialect.SQLITE));
        }

        @ParameterizedTest
        @MethodSource("names")
        void isPreparedAndFindsItsRowsByTheIndexInItsHeader(SqlFiles.Name name) throws SQLException {
            Map<String, String> values = Map.of(
                    "ids", "'[\"00\",\"01\"]'", "leases", "'[[\"00\",\"01\"]]'", "limit", "10", "counts", "'[]'");
            try (Connection connection = dataSource.getConnection()) {
                String plan = explain(
                        connection, "EXPLAIN QUERY PLAN ", withValues(SqlFiles.load(Dialect.SQLITE, name), values));
                if (onePlace(name) && name != SqlFiles.Name.CLAIM_INSERT) {
                    assertThat(plan)
                            .containsPattern("SEARCH (tg_idempotency|t) USING INDEX tg_idempotency_record_id")
                            .doesNotContain("SCAN tg_idempotency");
                }
                if (name == SqlFiles.Name.SCAN_UNFINISHED) {
                    assertThat(plan)
                            .contains("USING INTEGER PRIMARY KEY (rowid>?)")
                            .contains("USING INTEGER PRIMARY KEY (rowid>? AND rowid<?)");
                }
                if (name == SqlFiles.Name.PURGE) {
                    assertThat(plan)
                            .contains("USING INTEGER PRIMARY KEY")
                            .containsPattern("SEARCH (tg_idempotency|o) USING INDEX tg_idempotency_expires_at")
                            .doesNotContain("SCAN tg_idempotency");
                }
                if (name == SqlFiles.Name.FIND_UNFINISHED) {
                    assertThat(plan).as("the one documented scan").contains("SCAN tg_idempotency");
                }
            }
        }
    }
}
