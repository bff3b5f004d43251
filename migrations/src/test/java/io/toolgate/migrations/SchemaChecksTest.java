package io.toolgate.migrations;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;
import org.sqlite.SQLiteDataSource;

/**
 * Each CHECK of SQLite's tables refuses the rows it is meant for, by name, and accepts valid rows. On PostgreSQL, which
 * has one CHECK, the same rows are tried: the monitoring query finds the invalid ones that it accepts.
 */
class SchemaChecksTest {

    private static final Set<String> NULLABLE = Set.of("result", "result_codec", "failure_code", "failure_message");

    @TempDir
    Path directory;

    @TestFactory
    Stream<DynamicTest> postgresql() throws SQLException {
        return tests(Database.POSTGRESQL, TestPostgres.freshDatabase());
    }

    @TestFactory
    Stream<DynamicTest> sqlite() throws SQLException {
        return tests(Database.SQLITE, file());
    }

    private DataSource file() {
        SQLiteDataSource file = new SQLiteDataSource();
        file.setUrl("jdbc:sqlite:" + directory.resolve("checks.db"));
        return file;
    }

    /** Every status, and one that is none, with every choice of columns that are NULL. */
    @Test
    void postgresqlsOneCheckAcceptsEveryValidRowAndEveryInvalidOneIsRefusedOrFound() throws SQLException {
        DataSource dataSource = TestPostgres.freshDatabase();
        MigrateScenarios.installByHand(dataSource);
        String check = Sql.one(
                dataSource,
                "SELECT pg_get_expr(conbin, conrelid) FROM pg_constraint"
                        + " WHERE conrelid = 'tg_idempotency'::regclass AND contype = 'c'");
        String right = """
                (failure_message IS NULL OR failure_code IS NOT NULL)
                AND CASE status
                    WHEN 'IN_PROGRESS' THEN result IS NULL AND result_codec IS NULL AND failure_code IS NULL
                    WHEN 'COMPLETED' THEN
                        (result_codec IS NOT NULL AND failure_code IS NULL)
                        OR (result_codec IS NULL AND result IS NULL AND failure_code IS NOT NULL)
                    ELSE status IN ('REJECTED', 'RETRYABLE', 'IN_DOUBT')
                        AND failure_code IS NOT NULL AND result IS NULL AND result_codec IS NULL
                END""";
        String found = "(status NOT IN ('IN_PROGRESS', 'COMPLETED', 'REJECTED', 'RETRYABLE', 'IN_DOUBT'))"
                + " OR (result IS NOT NULL AND result_codec IS NULL)"
                + " OR (failure_message IS NOT NULL AND failure_code IS NULL)";
        String rows = "SELECT (" + right + ") AS \"right\", (" + check + ") AS accepted, " + found + " AS found"
                + " FROM unnest('{IN_PROGRESS,COMPLETED,REJECTED,RETRYABLE,IN_DOUBT,DONE}'::text[]) AS status,"
                + " unnest('{x,NULL}'::bytea[]) AS result, unnest('{x,NULL}'::text[]) AS result_codec,"
                + " unnest('{x,NULL}'::text[]) AS failure_code, unnest('{x,NULL}'::text[]) AS failure_message";
        assertThat(Sql.rows(
                        dataSource,
                        "SELECT \"right\", accepted, found, count(*) FROM (" + rows + ") AS t"
                                + " WHERE \"right\" OR accepted GROUP BY 1, 2, 3 ORDER BY 1"))
                .containsExactly("f | t | t | 17", "t | t | f | 11");
    }

    private Stream<DynamicTest> tests(Database database, DataSource dataSource) throws SQLException {
        if (ToolGateMigrations.schemaVersion(dataSource).equals(new SchemaVersion.Absent())) {
            assertThat(ToolGateMigrations.migrate(dataSource).toVersion()).isEqualTo(1);
        }
        Literals is = new Literals(database);
        Suite suite = Suite.of(database, dataSource);

        suite.accepts(is.inProgress());
        suite.accepts(is.inProgress().with("tenant", is.text(255)));
        suite.accepts(is.inProgress().with("action", is.text(255)));
        suite.accepts(is.inProgress().with("idempotency_key", is.text(255)));
        suite.accepts(is.inProgress().with("idempotency_key", is.text("😀".repeat(63))));
        suite.accepts(is.inProgress().with("owner", is.text(255)));
        suite.accepts(is.inProgress().with("owner", is.text("")));
        suite.accepts(is.completed());
        suite.accepts(is.completed().with("result", "NULL"));
        suite.accepts(is.completed().with("result", is.bytes(0)));
        suite.accepts(is.completed().with("result", is.bytes(100_000)));
        suite.accepts(is.completed().with("result_codec", is.text(255)));
        suite.accepts(is.failed("COMPLETED"));
        for (String status : List.of("REJECTED", "RETRYABLE", "IN_DOUBT")) {
            suite.accepts(is.failed(status));
            suite.accepts(is.failed(status).with("failure_message", "NULL"));
            suite.accepts(is.failed(status).with("failure_code", is.text(100)));
            suite.accepts(is.failed(status).with("failure_message", is.text(4000)));
        }

        String columns = "tg_idempotency_status_columns";
        for (String status : List.of("REJECTED", "RETRYABLE", "IN_DOUBT")) {
            suite.refuses(is.failed(status).with("failure_code", "NULL"), "tg_idempotency_");
            suite.refusesOrFinds(is.failed(status).with("result", is.bytes(3)), columns, "result");
            suite.refuses(is.failed(status).with("result_codec", is.text("json/1")), columns);
        }
        suite.refusesOrFinds(is.inProgress().with("result", is.bytes(3)), columns, "result");
        suite.refuses(is.inProgress().with("result_codec", is.text("json/1")), columns);
        suite.refuses(is.inProgress().with("failure_code", is.text("why")), columns);
        suite.refusesOrFinds(
                is.inProgress().with("failure_message", is.text("why")),
                "tg_idempotency_message_needs_code",
                "failure_message");
        suite.refuses(is.completed().with("result_codec", "NULL"), columns);
        suite.refuses(is.completed().with("result_codec", "NULL").with("result", "NULL"), columns);
        suite.refuses(is.completed().with("failure_code", is.text("why")), columns);
        suite.refusesOrFinds(is.failed("COMPLETED").with("result", is.bytes(3)), columns, "result");
        suite.refusesOrFinds(
                is.completed().with("failure_message", is.text("why")),
                "tg_idempotency_message_needs_code",
                "failure_message");
        suite.refusesOrFinds(is.failed("DONE"), "tg_idempotency_status_known", "status");
        suite.refusesOrFinds(is.failed("completed"), "tg_idempotency_status_known", "status");
        suite.refuses(is.completed().with("status", is.text("completed")), "tg_idempotency_");

        suite.refuses(is.inProgress().with("tenant", is.text("")), "tg_idempotency_tenant_length");
        suite.refuses(is.inProgress().with("tenant", is.text(256)), "tg_idempotency_tenant_length");
        suite.refuses(is.inProgress().with("action", is.text("")), "tg_idempotency_action_length");
        suite.refuses(is.inProgress().with("action", is.text(256)), "tg_idempotency_action_length");
        suite.refuses(is.inProgress().with("idempotency_key", is.text("")), "tg_idempotency_key_length");
        suite.refuses(is.inProgress().with("idempotency_key", is.text(256)), "tg_idempotency_key_length");
        suite.refuses(is.inProgress().with("idempotency_key", is.text("ü".repeat(128))), "tg_idempotency_key_length");
        suite.refuses(is.inProgress().with("owner", is.text(256)), "tg_idempotency_owner_length");
        suite.refuses(is.inProgress().with("fence", "0"), "tg_idempotency_fence_positive");
        suite.refuses(is.inProgress().with("version", "0"), "tg_idempotency_version_positive");
        for (int length : new int[] {0, 31, 33}) {
            suite.refuses(is.inProgress().with("fingerprint", is.bytes(length)), "tg_idempotency_fingerprint_length");
        }
        suite.refuses(is.inProgress().with("expires_at", is.time(1_000)), "tg_idempotency_expires_after_created");
        suite.refuses(is.completed().with("result_codec", is.text(256)), "tg_idempotency_result_codec_length");
        suite.refuses(is.failed("REJECTED").with("failure_code", is.text(101)), "tg_idempotency_failure_code_length");
        suite.refuses(
                is.failed("REJECTED").with("failure_message", is.text(4001)), "tg_idempotency_failure_message_length");
        for (String column : is.inProgress().values().keySet()) {
            if (!NULLABLE.contains(column)) {
                suite.refuses(is.inProgress().with(column, "NULL"), column);
            }
        }
        if (database == Database.SQLITE) {
            suite.refuses(is.inProgress().with("record_id", "x'00'"), "tg_idempotency_record_id_length");
            suite.refuses(is.inProgress().with("claim_token", "x'00'"), "tg_idempotency_claim_token");
            suite.refuses(is.inProgress().with("record_id", "'0123456789abcdef'"), "record_id");
            suite.refuses(is.inProgress().with("fence", "'many'"), "fence");
            for (String column : List.of("tenant", "action", "idempotency_key")) {
                suite.refuses(is.inProgress().with(column, "'a' || char(0) || 'b'"), "tg_idempotency_no_nul");
            }
        }
        return suite.tests().stream();
    }

    /**
     * The tests of one database.
     *
     * @param finding the query that finds invalid rows that PostgreSQL's one CHECK accepts; null if each rule has its
     *     own CHECK
     */
    private record Suite(
            List<DynamicTest> tests,
            DataSource dataSource,
            @Nullable String finding) {
        private static final Set<String> KEPT = Set.of("tg_idempotency_", "tg_idempotency_status_columns");

        static Suite of(Database database, DataSource dataSource) {
            boolean oneCheck = database == Database.POSTGRESQL;
            return new Suite(new ArrayList<>(), dataSource, oneCheck ? Bundle.monitoring("AS wrong") : null);
        }

        void accepts(Row row) {
            tests.add(DynamicTest.dynamicTest(
                    "accepts " + row, () -> assertThat(insert(row)).isEmpty()));
        }

        void refuses(Row row, String named) {
            boolean ofTheTable = named.startsWith("tg_idempotency_");
            if (finding != null && ofTheTable && !KEPT.contains(named)) {
                finds(row, named.replaceAll("^tg_idempotency_|_length$|_positive$|_after_created$", ""));
            } else {
                refusesAs(row, finding != null && ofTheTable ? "tg_idempotency_status_columns" : named);
            }
        }

        /** Refused by a CHECK of its own, or found: {@code found} is what the query says then. */
        void refusesOrFinds(Row row, String named, String found) {
            if (finding == null) {
                refusesAs(row, named);
            } else {
                finds(row, found);
            }
        }

        private void finds(Row row, String found) {
            tests.add(DynamicTest.dynamicTest(
                    "finds " + row,
                    () -> assertThat(insert(row)).singleElement().asString().contains(found)));
        }

        private void refusesAs(Row row, String constraint) {
            tests.add(DynamicTest.dynamicTest(
                    "refuses " + row,
                    () -> assertThatThrownBy(() -> insert(row))
                            .isInstanceOf(SQLException.class)
                            .hasMessageContaining(constraint)));
        }

        /** Inserts the row and takes it back; what the query found meanwhile. */
        private List<String> insert(Row row) throws SQLException {
            try (Connection connection = dataSource.getConnection()) {
                connection.setAutoCommit(false);
                try {
                    Sql.run(
                            connection,
                            "INSERT INTO tg_idempotency ("
                                    + String.join(", ", row.values().keySet()) + ") VALUES ("
                                    + String.join(", ", row.values().values()) + ")");
                    return finding == null ? List.of() : Sql.rows(connection, finding);
                } finally {
                    connection.rollback();
                }
            }
        }
    }

    /** A row as SQL literals, and what sets it apart from its template. */
    private record Row(String name, Map<String, String> values) {

        Row with(String column, String literal) {
            Map<String, String> changed = new LinkedHashMap<>(values);
            changed.put(column, literal);
            String shown = literal.length() > 40 ? literal.substring(0, 20) + "… (" + literal.length() + ")" : literal;
            return new Row(name + ", " + column + " = " + shown, changed);
        }

        @Override
        public String toString() {
            return name;
        }
    }

    private record Literals(Database database) {

        Row inProgress() {
            Map<String, String> row = new LinkedHashMap<>();
            row.put("record_id", uuid("00112233445566778899aabbccddeeff"));
            row.put("tenant", text("t"));
            row.put("action", text("charge-card"));
            row.put("idempotency_key", text("order-1"));
            row.put("status", text("IN_PROGRESS"));
            row.put("fence", "1");
            row.put("version", "1");
            row.put("claim_token", uuid("ffeeddccbbaa99887766554433221100"));
            row.put("owner", text("host-1/42"));
            row.put("lease_until", time(31_000));
            row.put("fingerprint", bytes(32));
            row.put("result", "NULL");
            row.put("result_codec", "NULL");
            row.put("failure_code", "NULL");
            row.put("failure_message", "NULL");
            row.put("created_at", time(1_000));
            row.put("updated_at", time(1_000));
            row.put("expires_at", time(604_801_000));
            return new Row("IN_PROGRESS", row);
        }

        Row completed() {
            Map<String, String> row = new LinkedHashMap<>(inProgress().values());
            row.put("status", text("COMPLETED"));
            row.put("result", bytes(20));
            row.put("result_codec", text("json/1"));
            return new Row("COMPLETED", row);
        }

        Row failed(String status) {
            Map<String, String> row = new LinkedHashMap<>(inProgress().values());
            row.put("status", text(status));
            row.put("failure_code", text("declined"));
            row.put("failure_message", text("The card was declined"));
            return new Row(status + " with a failure", row);
        }

        String text(int bytes) {
            return text("x".repeat(bytes));
        }

        String text(String value) {
            return "'" + value + "'";
        }

        String uuid(String hex) {
            return database == Database.SQLITE ? "x'" + hex + "'" : "'" + hex + "'";
        }

        String bytes(int length) {
            return database == Database.SQLITE
                    ? "zeroblob(" + length + ")"
                    : "decode(repeat('00', " + length + "), 'hex')";
        }

        String time(long epochMillis) {
            return database == Database.SQLITE ? "" + epochMillis : "to_timestamp(" + epochMillis + " / 1000.0)";
        }
    }
}
