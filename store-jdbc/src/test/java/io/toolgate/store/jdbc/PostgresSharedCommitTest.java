package io.toolgate.store.jdbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.toolgate.store.ClaimOutcome;
import io.toolgate.store.ClaimOutcome.Acquired;
import io.toolgate.store.ClaimOutcome.Finished;
import io.toolgate.store.Lease;
import io.toolgate.store.RecordId;
import io.toolgate.store.StoreException;
import io.toolgate.store.TransitionOutcome;
import io.toolgate.store.TransitionOutcome.Applied;
import io.toolgate.store.contract.Rule;
import io.toolgate.store.jdbc.TestPostgres.TestDatabase;
import java.lang.reflect.InvocationTargetException;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What shares a commit on a real server: neighbours of a bad row, of a locked one, of one that cannot be read. */
@Timeout(60)
class PostgresSharedCommitTest {
    private final TestDatabase database = TestPostgres.migrated();
    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final Gate gate = new Gate();

    private @Nullable JdbcIdempotencyStore opened;

    @BeforeEach
    void open() {
        opened = JdbcIdempotencyStore.builder(database.url())
                .poolSize(8)
                .statementTimeout(Duration.ofSeconds(20))
                .everythingShared()
                .wrapper(gate::wrap)
                .open();
    }

    @AfterEach
    void close() {
        gate.open();
        store().close();
        threads.shutdownNow();
        database.abandon();
    }

    private JdbcIdempotencyStore store() {
        return java.util.Objects.requireNonNull(opened);
    }

    @Test
    void aRowThatTheDatabaseRefusesFailsAloneAndTheRestOfItsBatchIsWritten() throws Exception {
        database.run("ALTER TABLE tg_idempotency ADD CONSTRAINT no_bad CHECK (idempotency_key <> 'bad')");
        List<CompletableFuture<ClaimOutcome>> calls = inOneCommit(List.of(claim("a"), claim("bad"), claim("c")));
        assertThat(calls.get(0).get()).isInstanceOf(Acquired.class);
        assertThatThrownBy(calls.get(1)::get).hasCauseInstanceOf(StoreException.Refused.class);
        assertThat(calls.get(2).get()).isInstanceOf(Acquired.class);
    }

    @Test
    @Rule(8)
    void writesOfOneBatchDoNotWaitForAKeyThatALongTransactionLocks() throws Exception {
        try (Connection other = database.dataSource().getConnection()) {
            hold("held", other);
            List<CompletableFuture<ClaimOutcome>> calls = inOneCommit(List.of(claim("a"), claim("held"), claim("c")));
            assertThat(calls.get(0).get()).isInstanceOf(Acquired.class);
            assertThat(calls.get(2).get()).isInstanceOf(Acquired.class);
            assertThat(calls.get(1)).as("the claim of the held key").isNotDone();
            other.rollback();
            assertThat(calls.get(1).get()).isInstanceOf(Acquired.class);
        }
    }

    @Test
    @Rule(8)
    void laterWritesDoNotWaitForALockedKeyThatCommitsAlone() throws Exception {
        try (Connection other = database.dataSource().getConnection()) {
            hold("held", other);
            gate.shut();
            CompletableFuture<ClaimOutcome> held = CompletableFuture.supplyAsync(claim("held"), threads);
            gate.awaitOneInside();
            gate.open();
            assertThat(CompletableFuture.supplyAsync(claim("later"), threads).get(10, TimeUnit.SECONDS))
                    .as("a claim behind it; a lone statement would wait for 20 s")
                    .isInstanceOf(Acquired.class);
            assertThat(held).as("the claim of the held key").isNotDone();
            other.rollback();
            assertThat(held.get()).isInstanceOf(Acquired.class);
        }
    }

    /** Inserts a record of {@code key} in a transaction that stays open. */
    private static void hold(String key, Connection connection) throws SQLException {
        connection.setAutoCommit(false);
        try (var statement = connection.createStatement()) {
            int unused = statement.executeUpdate("INSERT INTO tg_idempotency SELECT '" + id(key).toUuid()
                    + "', 'tenant', 'charge', '" + key
                    + "', 'COMPLETED', 1, 2, gen_random_uuid(), 'o', now(), sha256('x'),"
                    + " '\\x01', 'test/1', NULL, NULL, now(), now(), now() + interval '1 day'");
        }
    }

    @Test
    void aRecordThatCannotBeReadFailsForItsOwnCallerOnly() throws Exception {
        assertThat(store().complete(
                                TestRequests.acquired(store(), TestRequests.hold(id("odd"))),
                                TestRequests.result("paid")))
                .isInstanceOf(Applied.class);
        database.run("UPDATE tg_idempotency SET tenant = 'somebody else'");
        List<CompletableFuture<ClaimOutcome>> calls = inOneCommit(List.of(claim("a"), claim("odd")));
        assertThat(calls.get(0).get()).isInstanceOf(Acquired.class);
        assertThatThrownBy(calls.get(1)::get).hasCauseInstanceOf(StoreException.Corrupt.class);
    }

    @Test
    void claimsReplaysAndCompletionsShareOneCommitAndEachGetsItsOwnAnswer() throws Exception {
        assertThat(store().complete(
                                TestRequests.acquired(store(), TestRequests.hold(id("done"))),
                                TestRequests.result("paid")))
                .isInstanceOf(Applied.class);
        Lease toComplete = TestRequests.acquired(store(), TestRequests.hold(id("complete")));
        Lease toFail = TestRequests.acquired(store(), TestRequests.hold(id("fail")));
        Lease stale = TestRequests.acquired(store(), TestRequests.hold(id("stale")));
        database.run("UPDATE tg_idempotency SET claim_token = gen_random_uuid() WHERE idempotency_key = 'stale'");
        List<CompletableFuture<Object>> calls = inOneCommit(List.of(
                () -> store().claim(TestRequests.hold(id("fresh"))),
                () -> store().claim(TestRequests.hold(id("done"))),
                () -> store().complete(toComplete, TestRequests.result("paid")),
                () -> store().fail(toFail, io.toolgate.Failure.notExecuted("down", "later")),
                () -> store().complete(stale, TestRequests.result("late"))));
        assertThat(calls.get(0).get()).isInstanceOf(Acquired.class);
        assertThat(calls.get(1).get()).isInstanceOf(Finished.class);
        assertThat(calls.get(2).get()).isInstanceOf(Applied.class);
        assertThat(calls.get(3).get()).isInstanceOf(Applied.class);
        assertThat(calls.get(4).get()).isInstanceOf(TransitionOutcome.LeaseLost.class);
        assertThat(database.one("SELECT count(DISTINCT updated_at) FROM tg_idempotency"
                        + " WHERE idempotency_key IN ('fresh', 'complete', 'fail')"))
                .as("moments at which the three that were written moved")
                .isEqualTo("1");
        assertThat(database.one("SELECT string_agg(status || version, ' ' ORDER BY idempotency_key) FROM tg_idempotency"
                        + " WHERE idempotency_key NOT LIKE 'secret%'"))
                .isEqualTo("COMPLETED2 COMPLETED2 RETRYABLE2 IN_PROGRESS1 IN_PROGRESS1");
    }

    @Test
    void twoProcessesThatClaimTheSameKeysInOppositeOrdersNeverDeadlock() throws Exception {
        gate.open();
        try (JdbcIdempotencyStore other = JdbcIdempotencyStore.builder(database.url())
                .poolSize(8)
                .everythingShared()
                .open()) {
            List<CompletableFuture<Integer>> callers = new ArrayList<>();
            for (int caller = 0; caller < 16; caller++) {
                JdbcIdempotencyStore mine = caller % 2 == 0 ? store() : other;
                List<Integer> keys = new ArrayList<>();
                for (int key = 0; key < 200; key++) {
                    keys.add(key);
                }
                Collections.rotate(keys, caller * 12);
                if (caller % 4 < 2) {
                    Collections.reverse(keys);
                }
                callers.add(CompletableFuture.supplyAsync(() -> run(mine, keys), threads));
            }
            int won = 0;
            for (CompletableFuture<Integer> caller : callers) {
                won += caller.get();
            }
            assertThat(won).as("runs of 200 keys").isEqualTo(200);
        }
        assertThat(database.one("SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()"))
                .isEqualTo("0");
        assertThat(database.one("SELECT count(*) FROM tg_idempotency WHERE status = 'COMPLETED' AND version = 2"))
                .isEqualTo("200");
    }

    private static int run(JdbcIdempotencyStore store, List<Integer> keys) {
        int won = 0;
        for (int key : keys) {
            if (store.claim(TestRequests.hold(id("key-" + key))) instanceof Acquired acquired) {
                assertThat(store.complete(acquired.lease(), TestRequests.result("paid")))
                        .isInstanceOf(Applied.class);
                won++;
            }
        }
        return won;
    }

    private static RecordId id(String key) {
        return RecordId.of("tenant", "charge", key);
    }

    private Supplier<ClaimOutcome> claim(String key) {
        return () -> store().claim(TestRequests.hold(id(key)));
    }

    /**
     * Makes these calls, each on a thread, while commits before them keep both lanes; they share the next one. With a
     * lane free, it would take those that wait for 50 ms, whether or not all have come.
     */
    private <T> List<CompletableFuture<T>> inOneCommit(List<? extends Supplier<? extends T>> calls) throws Exception {
        gate.shut();
        for (int lane = 0; lane < 2; lane++) {
            var unused = CompletableFuture.supplyAsync(
                    () -> store().claim(TestRequests.hold(TestRequests.freshId())), threads);
            gate.awaitOneInside();
        }
        List<CompletableFuture<T>> made = new ArrayList<>();
        for (Supplier<? extends T> call : calls) {
            made.add(CompletableFuture.supplyAsync(call::get, threads));
        }
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
        while (store().queuedWrites() < calls.size()) {
            assertThat(System.nanoTime()).as("writes that queue").isLessThan(deadline);
            Thread.onSpinWait();
        }
        gate.open();
        return made;
    }

    /** Keeps whoever wants a connection waiting while it is shut. */
    private static final class Gate {
        private volatile CountDownLatch open = new CountDownLatch(0);
        private final Semaphore inside = new Semaphore(0);

        void shut() {
            int unused = inside.drainPermits();
            open = new CountDownLatch(1);
        }

        void open() {
            open.countDown();
        }

        /** Waits until one more has come than this was called since it was shut. */
        void awaitOneInside() throws InterruptedException {
            assertThat(inside.tryAcquire(20, TimeUnit.SECONDS)).isTrue();
        }

        DataSource wrap(DataSource inner) {
            return (DataSource) java.lang.reflect.Proxy.newProxyInstance(
                    DataSource.class.getClassLoader(), new Class<?>[] {DataSource.class}, (self, method, arguments) -> {
                        if (method.getName().equals("getConnection")) {
                            inside.release();
                            assertThat(open.await(20, TimeUnit.SECONDS)).isTrue();
                        }
                        try {
                            return method.invoke(inner, arguments);
                        } catch (InvocationTargetException e) {
                            throw e.getCause();
                        }
                    });
        }
    }
}
