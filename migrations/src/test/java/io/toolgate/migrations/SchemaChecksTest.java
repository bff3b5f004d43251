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
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;
import org.sqlite.SQLiteDataSource;

/** Each CHECK refuses what it is there for, by name, and lets through what is right, on both databases alike. */
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
        SQLiteDataSource file = new SQLiteDataSource();
        file.setUrl("jdbc:sqlite:" + directory.resolve("checks.db"));
        return tests(Database.SQLITE, file);
    }

    private Stream<DynamicTest> tests(Database database, DataSource dataSource) throws SQLException {
        assertThat(ToolGateMigrations.migrate(dataSource).toVersion()).isEqualTo(2);
        Literals is = new Literals(database);
        List<DynamicTest> tests = new ArrayList<>();

        accepts(tests, dataSource, is.inProgress());
        accepts(tests, dataSource, is.inProgress().with("tenant", is.text(255)));
        accepts(tests, dataSource, is.inProgress().with("action", is.text(255)));
        accepts(tests, dataSource, is.inProgress().with("idempotency_key", is.text(255)));
        accepts(tests, dataSource, is.inProgress().with("idempotency_key", is.text("😀".repeat(63))));
        accepts(tests, dataSource, is.inProgress().with("owner", is.text(255)));
        accepts(tests, dataSource, is.inProgress().with("owner", is.text("")));
        accepts(tests, dataSource, is.completed());
        accepts(tests, dataSource, is.completed().with("result", "NULL"));
        accepts(tests, dataSource, is.completed().with("result", is.bytes(0)));
        accepts(tests, dataSource, is.completed().with("result", is.bytes(100_000)));
        accepts(tests, dataSource, is.completed().with("result_codec", is.text(255)));
        accepts(tests, dataSource, is.failed("COMPLETED"));
        for (String status : List.of("REJECTED", "RETRYABLE", "IN_DOUBT")) {
            accepts(tests, dataSource, is.failed(status));
            accepts(tests, dataSource, is.failed(status).with("failure_message", "NULL"));
            accepts(tests, dataSource, is.failed(status).with("failure_code", is.text(100)));
            accepts(tests, dataSource, is.failed(status).with("failure_message", is.text(4000)));
        }

        String columns = "tg_idempotency_status_columns";
        for (String status : List.of("REJECTED", "RETRYABLE", "IN_DOUBT")) {
            refuses(tests, dataSource, is.failed(status).with("failure_code", "NULL"), "tg_idempotency_");
            refuses(tests, dataSource, is.failed(status).with("result", is.bytes(3)), columns);
            refuses(tests, dataSource, is.failed(status).with("result_codec", is.text("json/1")), columns);
        }
        refuses(tests, dataSource, is.inProgress().with("result", is.bytes(3)), columns);
        refuses(tests, dataSource, is.inProgress().with("result_codec", is.text("json/1")), columns);
        refuses(tests, dataSource, is.inProgress().with("failure_code", is.text("why")), columns);
        refuses(
                tests,
                dataSource,
                is.inProgress().with("failure_message", is.text("why")),
                "tg_idempotency_message_needs_code");
        refuses(tests, dataSource, is.completed().with("result_codec", "NULL"), columns);
        refuses(tests, dataSource, is.completed().with("result_codec", "NULL").with("result", "NULL"), columns);
        refuses(tests, dataSource, is.completed().with("failure_code", is.text("why")), columns);
        refuses(tests, dataSource, is.failed("COMPLETED").with("result", is.bytes(3)), columns);
        refuses(
                tests,
                dataSource,
                is.completed().with("failure_message", is.text("why")),
                "tg_idempotency_message_needs_code");

        refuses(tests, dataSource, is.inProgress().with("tenant", is.text("")), "tg_idempotency_tenant_length");
        refuses(tests, dataSource, is.inProgress().with("tenant", is.text(256)), "tg_idempotency_tenant_length");
        refuses(tests, dataSource, is.inProgress().with("action", is.text("")), "tg_idempotency_action_length");
        refuses(tests, dataSource, is.inProgress().with("action", is.text(256)), "tg_idempotency_action_length");
        refuses(tests, dataSource, is.inProgress().with("idempotency_key", is.text("")), "tg_idempotency_key_length");
        refuses(tests, dataSource, is.inProgress().with("idempotency_key", is.text(256)), "tg_idempotency_key_length");
        refuses(
                tests,
                dataSource,
                is.inProgress().with("idempotency_key", is.text("ü".repeat(128))),
                "tg_idempotency_key_length");
        refuses(tests, dataSource, is.inProgress().with("owner", is.text(256)), "tg_idempotency_owner_length");
        refuses(tests, dataSource, is.inProgress().with("fence", "0"), "tg_idempotency_fence_positive");
        refuses(tests, dataSource, is.inProgress().with("version", "0"), "tg_idempotency_version_positive");
        for (int length : new int[] {0, 31, 33}) {
            refuses(
                    tests,
                    dataSource,
                    is.inProgress().with("fingerprint", is.bytes(length)),
                    "tg_idempotency_fingerprint_length");
        }
        refuses(
                tests,
                dataSource,
                is.inProgress().with("expires_at", is.time(1_000)),
                "tg_idempotency_expires_after_created");
        refuses(tests, dataSource, is.failed("DONE"), "tg_idempotency_status_known");
        refuses(tests, dataSource, is.failed("completed"), "tg_idempotency_status_known");
        refuses(
                tests,
                dataSource,
                is.completed().with("result_codec", is.text(256)),
                "tg_idempotency_result_codec_length");
        refuses(
                tests,
                dataSource,
                is.failed("REJECTED").with("failure_code", is.text(101)),
                "tg_idempotency_failure_code_length");
        refuses(
                tests,
                dataSource,
                is.failed("REJECTED").with("failure_message", is.text(4001)),
                "tg_idempotency_failure_message_length");
        for (String column : is.inProgress().values().keySet()) {
            if (!NULLABLE.contains(column)) {
                refuses(tests, dataSource, is.inProgress().with(column, "NULL"), column);
            }
        }
        if (database == Database.SQLITE) {
            refuses(tests, dataSource, is.inProgress().with("record_id", "x'00'"), "tg_idempotency_record_id_length");
            refuses(tests, dataSource, is.inProgress().with("claim_token", "x'00'"), "tg_idempotency_claim_token");
            refuses(tests, dataSource, is.inProgress().with("record_id", "'0123456789abcdef'"), "record_id");
            refuses(tests, dataSource, is.inProgress().with("fence", "'many'"), "fence");
            for (String column : List.of("tenant", "action", "idempotency_key")) {
                refuses(
                        tests,
                        dataSource,
                        is.inProgress().with(column, "'a' || char(0) || 'b'"),
                        "tg_idempotency_no_nul");
            }
        }
        return tests.stream();
    }

    private static void accepts(List<DynamicTest> tests, DataSource dataSource, Row row) {
        tests.add(DynamicTest.dynamicTest("accepts " + row, () -> insert(dataSource, row)));
    }

    private static void refuses(List<DynamicTest> tests, DataSource dataSource, Row row, String named) {
        tests.add(DynamicTest.dynamicTest(
                "refuses " + row,
                () -> assertThatThrownBy(() -> insert(dataSource, row))
                        .isInstanceOf(SQLException.class)
                        .hasMessageContaining(named)));
    }

    private static void insert(DataSource dataSource, Row row) throws SQLException {
        try (Connection connection = dataSource.getConnection()) {
            connection.setAutoCommit(false);
            try {
                Sql.run(
                        connection,
                        "INSERT INTO tg_idempotency ("
                                + String.join(", ", row.values().keySet()) + ") VALUES ("
                                + String.join(", ", row.values().values()) + ")");
            } finally {
                connection.rollback();
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
