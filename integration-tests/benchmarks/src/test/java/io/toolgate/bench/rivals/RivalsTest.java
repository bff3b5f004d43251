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
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
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
    private static final int KEYS = 8;
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
    void runsAKeyOnceForAllCallersOfTwoProcessesAndReplaysIt(ContenderFactory rival, DatabaseKind kind)
            throws Exception {
        BenchDatabase database = database(kind);
        rival.install(database);
        try (Contender one = rival.open(database, CALLERS);
                Contender other = rival.open(database, CALLERS)) {
            AtomicInteger runs = new AtomicInteger();
            CountDownLatch calling = new CountDownLatch(CALLERS);
            List<String> results = atOnce(CALLERS, caller -> {
                calling.countDown();
                return (caller % 2 == 0 ? one : other).call("order-981", () -> {
                    await(calling);
                    return "receipt-" + runs.incrementAndGet();
                });
            });
            assertThat(results).hasSize(CALLERS).containsOnly("receipt-1");

            assertThat(one.call("order-981", () -> "receipt-" + runs.incrementAndGet()))
                    .isEqualTo("receipt-1");
            assertThat(other.call("order-981", () -> "receipt-" + runs.incrementAndGet()))
                    .isEqualTo("receipt-1");
            assertThat(runs).hasValue(1);

            assertThatThrownBy(() -> one.call("order-982", () -> {
                        throw new IllegalStateException("declined");
                    }))
                    .hasStackTraceContaining("declined");

            // Of different keys at a time, each with its own effect, though one process may look for all rows that are
            // due.
            assertThat(atOnce(
                            2 * KEYS,
                            caller -> (caller % 2 == 0 ? one : other)
                                    .call("fresh-" + caller, () -> "receipt-of-" + caller)))
                    .containsExactlyElementsOf(IntStream.range(0, 2 * KEYS)
                            .mapToObj(caller -> "receipt-of-" + caller)
                            .toList());
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
