package io.toolgate.store.jdbc;

import static io.toolgate.store.jdbc.TestLatches.await;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.toolgate.store.ClaimOutcome.Finished;
import io.toolgate.store.InputFingerprint;
import io.toolgate.store.Lease;
import io.toolgate.store.Payload;
import io.toolgate.store.RecordId;
import io.toolgate.store.StoreException;
import io.toolgate.store.TransitionOutcome.AlreadyApplied;
import io.toolgate.store.TransitionOutcome.Applied;
import io.toolgate.store.contract.Rule;
import io.toolgate.store.jdbc.TestPostgres.TestDatabase;
import io.toolgate.store.jdbc.TransactionOutcome.Busy;
import io.toolgate.store.jdbc.TransactionOutcome.Executed;
import io.toolgate.store.jdbc.TransactionOutcome.Replayed;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jdbi.v3.core.Handle;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * Who waits for an open transaction on PostgreSQL, and who must not; and what its end leaves when its server process is
 * killed.
 */
class PostgresOpenTransactionsTest {
    private static final InputFingerprint INPUT = TestRequests.fingerprint("input");
    private static final Duration SHORT = Duration.ofMillis(300);

    private final TestDatabase database = TestPostgres.shared();
    private final RecordId id = TestRequests.freshId();
    private Backend backend;
    private JdbcIdempotencyStore store;

    @BeforeEach
    void open() {
        backend = Backend.postgres(database);
        database.run("DROP TABLE IF EXISTS booked", "CREATE TABLE booked (order_id text)");
        store = JdbcIdempotencyStore.builder(database.url()).poolSize(4).open();
    }

    @AfterEach
    void close() {
        assertThat(store.activeConnections()).isZero();
        store.close();
        database.run("DROP TABLE booked");
    }

    private Payload book(Handle handle) {
        int unused = handle.execute("INSERT INTO booked VALUES (?)", id.key());
        return TestRequests.result("booked");
    }

    private Connection begin() throws SQLException {
        Connection connection = database.dataSource().getConnection();
        connection.setAutoCommit(false);
        return connection;
    }

    private long microsLeft(Lease lease) {
        return database.count("SELECT (extract(epoch FROM lease_until - clock_timestamp()) * 1000000)::bigint"
                + " FROM tg_idempotency WHERE record_id = '" + lease.id().toUuid() + "'");
    }

    /** Blocks until some session of this database waits for a lock. */
    private void awaitWaiter() {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
        while (database.count("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
                        + " AND wait_event_type = 'Lock'")
                == 0) {
            assertThat(System.nanoTime()).as("nobody ever waited").isLessThan(deadline);
        }
    }

    @Test
    @Rule(8)
    void anOpenTransactionDelaysNoHeartbeatAndLosesNoLease() throws Exception {
        Lease open = TestRequests.acquired(store, TestRequests.hold(TestRequests.freshId()));
        Lease other = TestRequests.acquired(store, TestRequests.hold(TestRequests.freshId()));
        try (Connection connection = begin()) {
            assertThat(store.completeIn(connection, open, TestRequests.result("paid"), null))
                    .isInstanceOf(Applied.class);
            endLeasesBut(open);
            CompletableFuture<java.util.Set<Lease>> beat =
                    CompletableFuture.supplyAsync(() -> store.heartbeat(List.of(open, other), Duration.ofMinutes(5)));
            assertThat(beat.get(2, TimeUnit.SECONDS))
                    .as("less than a statement may last, so nothing was waited for")
                    .containsExactlyInAnyOrder(open, other);
            assertThat(microsLeft(other)).isGreaterThan(TimeUnit.MINUTES.toMicros(4));
            connection.commit();
        }
        assertThat(store.heartbeat(List.of(open, other), Duration.ofMinutes(5)))
                .as("committed, and its run goes on")
                .containsExactlyInAnyOrder(open, other);
        assertThat(store.complete(open, TestRequests.result("paid"))).isInstanceOf(AlreadyApplied.class);
        assertThat(store.heartbeat(List.of(open, other), Duration.ofMinutes(5)))
                .as("ended")
                .containsExactly(other);
    }

    /**
     * Every lease has ended long ago. The row that the open transaction holds cannot be touched: so it was before, too.
     */
    private void endLeasesBut(Lease held) {
        database.run("UPDATE tg_idempotency SET lease_until = lease_until - INTERVAL '1 hour' WHERE record_id <> '"
                + held.id().toUuid() + "'");
    }

    @Test
    @Rule(8)
    void theLockIsHeldForLongerThanTheLease() throws Exception {
        Lease open = TestRequests.acquired(store, TestRequests.hold(TestRequests.freshId()));
        assertThat(store.heartbeat(List.of(open), Duration.ofMillis(1))).containsExactly(open);
        try (Connection connection = begin()) {
            assertThat(store.completeIn(connection, open, TestRequests.result("paid"), null))
                    .isInstanceOf(Applied.class);
            assertThat(microsLeft(open)).as("the lease has ended").isNegative();
            assertThat(store.heartbeat(List.of(open), Duration.ofMinutes(5))).containsExactly(open);
            connection.rollback();
        }
        assertThat(store.heartbeat(List.of(open), Duration.ofMinutes(5))).containsExactly(open);
        assertThat(microsLeft(open)).as("renewed after the rollback").isPositive();
    }

    @Test
    @Rule(4)
    void aRowLockOfAnotherTransactionIsNoSignOfOwnership() throws Exception {
        Lease lease = TestRequests.acquired(store, TestRequests.hold(TestRequests.freshId()));
        try (Connection connection = begin()) {
            assertThat(store.completeIn(connection, lease, TestRequests.result("paid"), null))
                    .isInstanceOf(Applied.class);
            connection.rollback();
        }
        try (Connection taker = begin();
                var statement = taker.createStatement()) {
            assertThat(statement.executeUpdate("UPDATE tg_idempotency SET claim_token = gen_random_uuid(), fence = 2,"
                            + " version = 2 WHERE record_id = '" + lease.id().toUuid() + "'"))
                    .isEqualTo(1);
            assertThat(store.heartbeat(List.of(lease), Duration.ofMinutes(5)))
                    .as("a takeover that is about to commit holds the lock")
                    .isEmpty();
            taker.rollback();
        }
    }

    @Test
    @Rule(14)
    void aFailedStatementAsksTheCallerToRollBack() throws Exception {
        Lease lease = TestRequests.acquired(store, TestRequests.hold(TestRequests.freshId()));
        try (Connection connection = begin();
                var statement = connection.createStatement()) {
            assertThatThrownBy(() -> statement.execute("SELECT 1 / 0")).isInstanceOf(SQLException.class);
            assertThatThrownBy(() -> store.completeIn(connection, lease, TestRequests.result("paid"), null))
                    .isInstanceOf(StoreException.class)
                    .hasMessageContaining("Roll your transaction back");
            connection.rollback();
        }
        assertThatThrownBy(() -> store.complete(lease, TestRequests.result("paid")))
                .as("its rows are gone")
                .isInstanceOf(StoreException.RolledBack.class);
    }

    @Test
    @Rule(1)
    void duplicatesWaitAtTheDatabaseAndReplay() throws Exception {
        CountDownLatch inside = new CountDownLatch(1);
        CountDownLatch go = new CountDownLatch(1);
        CompletableFuture<TransactionOutcome> first =
                CompletableFuture.supplyAsync(() -> store.runInTransaction(id, INPUT, handle -> {
                    inside.countDown();
                    await(go);
                    return book(handle);
                }));
        await(inside);
        try (JdbcIdempotencyStore other = JdbcIdempotencyStore.open(database.url())) {
            CompletableFuture<Object> second = CompletableFuture.supplyAsync(() -> other.claim(TestRequests.hold(id)));
            awaitWaiter();
            assertThat(second).isNotDone();
            go.countDown();
            assertThat(second.get(30, TimeUnit.SECONDS)).isInstanceOf(Finished.class);
        }
        assertThat(first.get(30, TimeUnit.SECONDS)).isInstanceOf(Executed.class);
    }

    @Test
    @Rule(8)
    void aDuplicateThatWaitedToItsDeadlineIsBusy() throws Exception {
        CountDownLatch inside = new CountDownLatch(1);
        CountDownLatch go = new CountDownLatch(1);
        try (JdbcIdempotencyStore impatient = JdbcIdempotencyStore.builder(database.url())
                .statementTimeout(SHORT)
                .open()) {
            CompletableFuture<TransactionOutcome> first =
                    CompletableFuture.supplyAsync(() -> store.runInTransaction(id, INPUT, handle -> {
                        inside.countDown();
                        await(go);
                        return book(handle);
                    }));
            await(inside);
            assertThat(impatient.runInTransaction(id, INPUT, this::book)).isEqualTo(new Busy(Duration.ZERO));
            go.countDown();
            assertThat(first.get(30, TimeUnit.SECONDS)).isInstanceOf(Executed.class);
            assertThat(impatient.runInTransaction(id, INPUT, this::book)).isInstanceOf(Replayed.class);
        }
    }

    @Test
    @Rule(8)
    void bodiesLeaveConnectionsForOtherOperations() throws Exception {
        CountDownLatch inside = new CountDownLatch(2);
        CountDownLatch go = new CountDownLatch(1);
        Lease lease = TestRequests.acquired(store, TestRequests.hold(TestRequests.freshId()));
        List<CompletableFuture<TransactionOutcome>> bodies = java.util.stream.Stream.generate(TestRequests::freshId)
                .limit(6)
                .map(key -> CompletableFuture.supplyAsync(
                        () -> store.runInTransaction(key, INPUT, handle -> {
                            inside.countDown();
                            await(go);
                            return book(handle);
                        }),
                        task -> new Thread(task).start()))
                .toList();
        await(inside);
        assertThat(store.heartbeat(List.of(lease), Duration.ofMinutes(1))).containsExactly(lease);
        assertThat(store.activeConnections()).as("of a pool of four").isEqualTo(2);
        go.countDown();
        for (CompletableFuture<TransactionOutcome> body : bodies) {
            assertThat(body.get(30, TimeUnit.SECONDS)).isInstanceOf(Executed.class);
        }
    }

    @Test
    @Rule(14)
    void aBackendKilledBeforeTheCommitStoresNothingAndTheBodyRunsAgain() {
        AtomicInteger runs = new AtomicInteger();
        TransactionOutcome outcome = store.runInTransaction(id, INPUT, handle -> {
            Payload result = book(handle);
            if (runs.incrementAndGet() == 1) {
                int pid = handle.createQuery("SELECT pg_backend_pid()")
                        .mapTo(Integer.class)
                        .one();
                database.run("SELECT pg_terminate_backend(" + pid + ", 10000)");
            }
            return result;
        });
        assertThat(outcome).isInstanceOf(Executed.class);
        assertThat(runs).hasValue(2);
        assertThat(database.count("SELECT count(*) FROM booked")).isEqualTo(1);
    }

    @Test
    @Rule(3)
    void aDeferredConstraintViolationIsAFailureAndNotADoubt() {
        database.run("ALTER TABLE booked ADD CONSTRAINT once UNIQUE (order_id) DEFERRABLE INITIALLY DEFERRED");
        assertThatThrownBy(() -> store.runInTransaction(id, INPUT, handle -> {
                    Payload unused = book(handle);
                    return book(handle);
                }))
                .isInstanceOf(StoreException.Refused.class)
                .hasMessageContaining("Nothing was written");
        assertThat(store.peek(id)).isEmpty();
        assertThat(database.count("SELECT count(*) FROM booked")).isZero();
    }

    @Test
    @Rule(3)
    void theCallersCommitIsMadeSynchronous() throws Exception {
        Lease lease = TestRequests.acquired(store, TestRequests.hold(TestRequests.freshId()));
        try (Connection connection = begin();
                var statement = connection.createStatement()) {
            boolean unused = statement.execute("SET LOCAL synchronous_commit = off");
            assertThat(store.completeIn(connection, lease, TestRequests.result("paid"), null))
                    .isInstanceOf(Applied.class);
            try (var row = statement.executeQuery("SHOW synchronous_commit")) {
                assertThat(row.next()).isTrue();
                assertThat(row.getString(1)).isEqualTo("on");
            }
            connection.commit();
        }
    }
}
