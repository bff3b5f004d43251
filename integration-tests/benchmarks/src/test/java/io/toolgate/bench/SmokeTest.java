package io.toolgate.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Every benchmark, for a moment, on both databases. Each checks by itself that no key ran twice, and fails where one
 * did.
 */
class SmokeTest {
    private static final List<String> OWN = List.of("toolgate", "jdbc", "jdbi");
    private static final List<String> TWO = List.of("toolgate", "jdbc");

    private static EmbeddedPostgres server;

    @TempDir
    private Path directory;

    @BeforeAll
    static void start() throws IOException {
        server = EmbeddedPostgres.builder()
                .setServerConfig("max_connections", "200")
                .start();
    }

    @AfterAll
    static void stop() throws IOException {
        server.close();
    }

    /** Nothing is left behind, whatever a test did. */
    @AfterEach
    void isTidy() throws Exception {
        try (Stream<Path> files = Files.list(directory)) {
            assertThat(files).isEmpty();
        }
        try (Connection connection = server.getPostgresDatabase().getConnection();
                Statement statement = connection.createStatement();
                ResultSet schemas = statement.executeQuery(
                        "SELECT coalesce(string_agg(nspname, ','), '') FROM pg_namespace WHERE nspname LIKE"
                                + " 'bench%'")) {
            assertThat(schemas.next()).isTrue();
            assertThat(schemas.getString(1)).isEmpty();
        }
    }

    private Output measure(String database, List<String> contenders, String arguments) {
        List<String> all = new ArrayList<>(List.of(arguments.split(" ", -1)));
        all.addAll(List.of("--repetitions", "1", "--contenders", String.join(",", contenders)));
        all.addAll(List.of("--json", "--directory", directory.toString()));
        if (database.equals("postgresql")) {
            all.addAll(List.of("--url", server.getJdbcUrl("postgres", "postgres")));
        }
        Output output = Output.of(all.toArray(String[]::new));
        assertThat(output.status()).as(output.err() + output.out()).isZero();
        assertThat(output.err()).isEmpty();
        return output;
    }

    private static void assertIsWhole(
            Output output, String database, String benchmark, List<String> contenders, int results) {
        JsonNode json = output.json();
        assertThat(json.get("failures")).isEmpty();
        assertThat(json.get("results")).hasSize(results);
        for (JsonNode result : json.get("results")) {
            assertThat(result.get("benchmark").asText()).startsWith(benchmark);
            assertThat(result.get("database").asText()).isEqualTo(database);
            // On a busy machine nothing may end within so short a window.
            assertThat(result.get("ops_per_second").doubleValue()).isNotNegative();
            assertThat(result.get("p99_ms").doubleValue())
                    .isGreaterThanOrEqualTo(result.get("p50_ms").doubleValue());
            assertThat(result.get("repetitions").intValue()).isEqualTo(1);
        }
        for (String contender : contenders) {
            assertThat(json.get("results").findValuesAsText("contender")).contains(contender);
            assertThat(json.get("contenders").get(contender).asText()).isNotEmpty();
        }
        assertThat(json.get("database").get("version").asText()).isNotEmpty();
        assertThat(json.get("database").get(database.equals("sqlite") ? "synchronous" : "synchronous_commit"))
                .isNotNull();
    }

    @ParameterizedTest
    @ValueSource(strings = {"postgresql", "sqlite"})
    void throughput(String database) {
        Output output = measure(database, OWN, "throughput --concurrency 3 --seconds 0.1 --warmup-seconds 0.05");
        assertIsWhole(output, database, "throughput", OWN, 3);
    }

    @Test
    void throughputOfProcessesThatBeginTogether() {
        JsonNode result = measure(
                        "sqlite",
                        List.of("jdbc"),
                        "throughput --processes 2 --concurrency 2 --seconds 0.2 --warmup-seconds 0.1")
                .json()
                .get("results")
                .get(0);
        double fastest = result.get("fastest_process").doubleValue();
        double slowest = result.get("slowest_process").doubleValue();
        assertThat(fastest).isGreaterThanOrEqualTo(slowest);
        assertThat(result.get("ops_per_second").doubleValue()).isEqualTo(fastest + slowest, within(0.01));
    }

    @Test
    void throughputWhileAnotherProcessWaits() {
        Output output = measure(
                "sqlite",
                List.of("toolgate"),
                "throughput --waiters 0,2 --concurrency 2 --seconds 0.2 --warmup-seconds 0.1");
        assertIsWhole(output, "sqlite", "throughput", List.of("toolgate"), 2);
        JsonNode watched = output.json().get("results").get(1);
        assertThat(watched.get("waiters").longValue()).isEqualTo(2);
        assertThat(watched.get("wakeup_p99_ms").doubleValue()).isPositive();
    }

    @Test
    void wakeupInTheSameJvm() {
        Output output = measure("sqlite", OWN, "wakeup --where jvm --warmup-seconds 0.05 --rounds 3 --action-millis 5");
        assertIsWhole(output, "sqlite", "wakeup-same-jvm", OWN, 3);
    }

    @Test
    void wakeupInAnotherProcess() {
        Output output = measure(
                "postgresql",
                List.of("toolgate"),
                "wakeup --where process --warmup-seconds 0.05 --rounds 3 --action-millis 5 --concurrency 2");
        assertIsWhole(output, "postgresql", "wakeup", List.of("toolgate"), 1);
    }

    @Test
    void herdOnPostgresqlCountsStatements() {
        Output output = measure("postgresql", TWO, "herd --concurrency 30 --action-millis 60");
        assertIsWhole(output, "postgresql", "herd", TWO, 2);
        for (JsonNode result : output.json().get("results")) {
            assertThat(result.get("statements_of_the_winner").intValue()).isEqualTo(2);
            assertThat(result.get("connections_busy").intValue()).isPositive();
        }
        // An INSERT each, and then at least one SELECT each.
        JsonNode byHand = output.json().get("results").get(1);
        assertThat(byHand.get("contender").asText()).isEqualTo("jdbc");
        assertThat(byHand.get("statements_beyond").intValue()).isGreaterThanOrEqualTo(2 * 30);
    }

    @Test
    void herdOnSqlite() {
        Output output = measure("sqlite", TWO, "herd --concurrency 10 --action-millis 20");
        assertIsWhole(output, "sqlite", "herd", TWO, 2);
    }

    @ParameterizedTest
    @ValueSource(strings = {"postgresql", "sqlite"})
    void replay(String database) {
        Output output = measure(database, TWO, "replay --keys 40 --concurrency 2 --seconds 0.1 --warmup-seconds 0.05");
        assertIsWhole(output, database, "replay", TWO, 2);
        if (database.equals("postgresql")) {
            JsonNode byHand = output.json().get("results").get(1);
            assertThat(byHand.get("contender").asText()).isEqualTo("jdbc");
            assertThat(byHand.get("statements_per_replay").doubleValue()).isEqualTo(2);
            assertThat(byHand.get("round_trips_per_replay").doubleValue()).isEqualTo(2);
            assertThat(byHand.get("wal_bytes_per_replay").doubleValue()).isLessThan(5);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"postgresql", "sqlite"})
    void growth(String database) {
        Output output = measure(database, TWO, "growth --rows 500 --concurrency 2 --seconds 0.1 --warmup-seconds 0.05");
        assertIsWhole(output, database, "growth", TWO, 4);
        JsonNode full = output.json().get("results").get(1);
        assertThat(full.get("rows").longValue()).isEqualTo(500);
    }

    @ParameterizedTest
    @ValueSource(strings = {"postgresql", "sqlite"})
    void purge(String database) {
        Output output = measure(
                database,
                List.of("toolgate"),
                "purge --rows 50000 --concurrency 2 --seconds 0.2 --warmup-seconds 0.05");
        assertIsWhole(output, database, "purge", List.of("toolgate"), 2);
        JsonNode purged = output.json().get("results").get(1);
        assertThat(purged.get("purges").longValue()).isEqualTo(1);
        assertThat(purged.get("purged_per_second").doubleValue()).isPositive();
    }

    @Test
    void theTemporaryServerIsDurableAndLeavesNothing() {
        JsonNode facts = measure(
                        "embedded",
                        List.of("jdbc"),
                        "throughput --embedded-postgres --concurrency 1 --seconds 0.05 --warmup-seconds 0")
                .json()
                .get("database");
        assertThat(facts.get("fsync").asText()).isEqualTo("on");
        assertThat(facts.get("synchronous_commit").asText()).isEqualTo("on");
        assertThat(facts.get("full_page_writes").asText()).isEqualTo("on");
        assertThat(facts.get("flush_ms").doubleValue()).isPositive();
    }

    @Test
    void sqliteIsDurableToo() {
        JsonNode facts = measure(
                        "sqlite", List.of("jdbc"), "throughput --concurrency 1 --seconds 0.05 --warmup-seconds 0")
                .json()
                .get("database");
        assertThat(facts.get("synchronous").asText()).isEqualTo("FULL");
        assertThat(facts.get("journal_mode").asText()).isEqualTo("wal");
    }
}
