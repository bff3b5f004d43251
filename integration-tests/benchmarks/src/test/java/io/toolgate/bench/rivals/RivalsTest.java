package io.toolgate.bench.rivals;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.toolgate.bench.contender.BenchDatabase;
import io.toolgate.bench.contender.Contender;
import io.toolgate.bench.contender.ContenderFactory;
import io.toolgate.bench.contender.DatabaseKind;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Each rival, glue included, does what is measured: it runs a key once and gives everybody the stored result. */
class RivalsTest {
    private static final int CALLERS = 50;
    /** Fewer connections than callers, as under load; and they open sooner. */
    private static final int POOL = 4;

    private static final AtomicInteger SCHEMAS = new AtomicInteger();

    private static EmbeddedPostgres server;

    @TempDir
    Path directory;

    @BeforeAll
    static void start() throws IOException {
        server = EmbeddedPostgres.builder().setServerConfig("fsync", "off").start();
    }

    @AfterAll
    static void stop() throws IOException {
        server.close();
    }

    static Stream<Arguments> everywhere() {
        return Rivals.ALL.stream()
                .flatMap(rival -> Stream.of(DatabaseKind.values())
                        .filter(rival::supports)
                        .map(kind -> Arguments.argumentSet(rival.name() + " on " + kind.label(), rival, kind)));
    }

    @Test
    void areTheFive() {
        assertThat(Rivals.ALL.stream().map(ContenderFactory::name))
                .containsExactly("dbos", "db-scheduler", "shedlock", "spring-integration", "camel");
        assertThat(Rivals.ALL).allSatisfy(rival -> {
            assertThat(rival.how()).isNotBlank();
            assertThat(rival.supports(DatabaseKind.POSTGRESQL)).isTrue();
        });
    }

    @ParameterizedTest
    @MethodSource("everywhere")
    void runsAKeyOnceForManyCallersAndReplaysItElsewhere(ContenderFactory rival, DatabaseKind kind) throws Exception {
        BenchDatabase database = database(kind);
        rival.install(database);
        AtomicInteger runs = new AtomicInteger();
        CountDownLatch calling = new CountDownLatch(CALLERS);

        try (Contender one = rival.open(database, CALLERS);
                Contender other = rival.open(database, 1)) {
            List<String> results = atOnce(CALLERS, caller -> {
                calling.countDown();
                return one.call("order-981", () -> {
                    await(calling);
                    return "receipt-" + runs.incrementAndGet();
                });
            });

            assertThat(results).hasSize(CALLERS).containsOnly("receipt-1");
            assertThat(runs).hasValue(1);
            assertThat(other.call("order-981", () -> "receipt-" + runs.incrementAndGet()))
                    .isEqualTo("receipt-1");
            assertThat(other.call("order-982", () -> "receipt-" + runs.incrementAndGet()))
                    .isEqualTo("receipt-2");
            assertThatThrownBy(() -> other.call("order-983", () -> {
                        throw new IllegalStateException("declined");
                    }))
                    .hasStackTraceContaining("declined");
        }
    }

    @ParameterizedTest
    @MethodSource("everywhere")
    void runsEachKeyOnceWhenTwoProcessesWantItAtATime(ContenderFactory rival, DatabaseKind kind) throws Exception {
        int keys = 8;
        BenchDatabase database = database(kind);
        rival.install(database);
        Map<String, AtomicInteger> runs = new ConcurrentHashMap<>();

        try (Contender one = rival.open(database, keys);
                Contender other = rival.open(database, keys)) {
            List<String> results = atOnce(2 * keys, caller -> {
                String key = "order-" + caller / 2;
                return (caller % 2 == 0 ? one : other)
                        .call(
                                key,
                                () -> key
                                        + "-"
                                        + runs.computeIfAbsent(key, ignored -> new AtomicInteger())
                                                .incrementAndGet());
            });

            for (int caller = 0; caller < 2 * keys; caller++) {
                assertThat(results.get(caller)).isEqualTo("order-" + caller / 2 + "-1");
            }
            assertThat(runs.values())
                    .hasSize(keys)
                    .allSatisfy(count -> assertThat(count).hasValue(1));
        }
    }

    private interface Caller {
        String call(int number) throws Exception;
    }

    private static List<String> atOnce(int callers, Caller caller) throws Exception {
        ExecutorService threads = Executors.newFixedThreadPool(callers);
        try {
            List<Future<String>> futures = new ArrayList<>();
            for (int i = 0; i < callers; i++) {
                int number = i;
                futures.add(threads.submit(() -> caller.call(number)));
            }
            List<String> results = new ArrayList<>();
            for (Future<String> future : futures) {
                results.add(future.get(30, TimeUnit.SECONDS));
            }
            return results;
        } finally {
            threads.shutdownNow();
        }
    }

    private static void await(CountDownLatch latch) {
        try {
            assertThat(latch.await(10, TimeUnit.SECONDS)).isTrue();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    private BenchDatabase database(DatabaseKind kind) throws SQLException {
        if (kind == DatabaseKind.SQLITE) {
            return new BenchDatabase(kind, "jdbc:sqlite:" + directory.resolve("bench.db"), null, null, "", POOL);
        }
        String schema = "rival_" + SCHEMAS.incrementAndGet();
        String url = server.getJdbcUrl("postgres", "postgres");
        try (Connection connection = DriverManager.getConnection(url);
                Statement statement = connection.createStatement()) {
            statement.execute("CREATE SCHEMA " + schema);
        }
        return new BenchDatabase(kind, url + "&currentSchema=" + schema, "postgres", null, schema, POOL);
    }
}
