package io.toolgate.store.jdbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.toolgate.Failure;
import io.toolgate.store.ClaimOutcome.Acquired;
import io.toolgate.store.ClaimOutcome.Finished;
import io.toolgate.store.ClaimRequest;
import io.toolgate.store.Lease;
import io.toolgate.store.RecordId;
import io.toolgate.store.ResolveOutcome;
import io.toolgate.store.ResolveRequest;
import io.toolgate.store.Rows;
import io.toolgate.store.RunEffect;
import io.toolgate.store.StoreException;
import io.toolgate.store.TransitionOutcome.LeaseLost;
import io.toolgate.store.contract.Rule;
import io.toolgate.store.jdbc.TestPostgres.TestDatabase;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.SQLWarning;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.assertj.core.api.ThrowableAssert;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * A commit that the server no longer waits to see replicated is not acknowledged until it is replicated. The
 * synchronous standby of these tests does not exist, and somebody cancels each wait for it.
 */
@Timeout(60)
class PostgresReplicationTest {
    private static final String STANDBYS = "ALTER SYSTEM SET synchronous_standby_names = 'nobody'";
    private static final String NO_STANDBYS = "ALTER SYSTEM RESET synchronous_standby_names";
    private static final String RELOAD = "SELECT pg_reload_conf()";

    private final TestDatabase database = TestPostgres.shared();
    private final AtomicInteger cancelled = new AtomicInteger();
    private Canceller canceller;

    @BeforeEach
    void clear() {
        TestPostgres.clear(database);
        database.run("DROP TABLE IF EXISTS paid", "CREATE TABLE paid (order_id varchar(100) PRIMARY KEY)");
    }

    @AfterEach
    void usualServer() throws InterruptedException {
        TestPostgres.admin().run(NO_STANDBYS, RELOAD);
        if (canceller != null) {
            canceller.interrupt();
            canceller.join();
        }
        database.run("DROP TABLE paid");
    }

    /** Cancels every wait for a standby, a moment after it has begun. */
    private final class Canceller extends Thread {
        @Override
        public void run() {
            try (var connection = TestPostgres.admin().dataSource().getConnection();
                    var statement = connection.prepareStatement("SELECT count(*) FILTER (WHERE pg_cancel_backend(pid))"
                            + " FROM pg_stat_activity WHERE wait_event = 'SyncRep'")) {
                while (!isInterrupted()) {
                    try (var row = statement.executeQuery()) {
                        row.next();
                        cancelled.addAndGet(row.getInt(1));
                    }
                    TimeUnit.MILLISECONDS.sleep(2);
                }
            } catch (InterruptedException e) {
                // The test has ended.
            } catch (SQLException e) {
                throw new AssertionError(e);
            }
        }
    }

    /** From here on commits wait for a standby that is not there, until somebody cancels that. */
    private void loseTheStandby() throws SQLException {
        TestPostgres.admin().run(STANDBYS, RELOAD);
        canceller = new Canceller();
        canceller.start();
        // The server takes notice some time after the reload.
        try (var connection = database.dataSource().getConnection();
                var statement = connection.createStatement()) {
            boolean unused0 = statement.execute("SET synchronous_commit = on");
            SQLWarning warning = null;
            while (warning == null) {
                int unused = statement.executeUpdate("INSERT INTO paid VALUES (gen_random_uuid()::text)");
                warning = statement.getWarnings();
            }
            assertThat(warning.getSQLState()).isEqualTo("01000");
            assertThat(warning.getMessage()).contains("canceling wait for synchronous replication");
        }
    }

    private void findTheStandby() {
        TestPostgres.admin().run(NO_STANDBYS, RELOAD);
    }

    /** A write: its preparation while all is well, the write itself, and what is right as an answer. */
    private record Operation(String name, Consumer<Setting> prepare, ThrowingFunction act, Predicate<Object> answer) {
        @Override
        public String toString() {
            return name;
        }
    }

    @FunctionalInterface
    private interface ThrowingFunction {
        Object apply(Setting setting) throws Exception;
    }

    /** What an operation works on. */
    private static final class Setting {
        final JdbcIdempotencyStore store;
        final RecordId id = TestRequests.freshId();
        final ClaimRequest claim = TestRequests.hold(id);
        final AtomicInteger bodies = new AtomicInteger();
        Lease lease;
        ResolveRequest decision;

        Setting(JdbcIdempotencyStore store) {
            this.store = store;
        }

        void acquire() {
            lease = TestRequests.acquired(store, claim);
        }

        void fail(Failure failure, RunEffect effect) {
            acquire();
            var unused = store.fail(lease, failure, effect);
        }

        Connection begin() throws SQLException {
            Connection connection = TestPostgres.shared().dataSource().getConnection();
            connection.setAutoCommit(false);
            return connection;
        }

        void pay(Connection connection) throws SQLException {
            try (var statement = connection.prepareStatement("INSERT INTO paid VALUES (?)")) {
                statement.setString(1, id.key());
                int unused = statement.executeUpdate();
            }
        }

        Rows<Connection> rows() {
            return new Rows<>(Connection.class, this::pay);
        }
    }

    private static Object completeInACallersTransaction(Setting on) throws SQLException {
        try (Connection connection = on.begin()) {
            on.pay(connection);
            var unused = on.store.completeIn(connection, on.lease, TestRequests.result("paid"), null);
            connection.commit();
        }
        return on.store.complete(on.lease, TestRequests.result("paid"));
    }

    private static Stream<Operation> operations() {
        Failure refused = Failure.notExecuted("refused", "");
        Failure unknown = Failure.unknown("timeout", "");
        Predicate<Object> applied = answer -> !(answer instanceof LeaseLost);
        Predicate<Object> resolved = answer -> !(answer instanceof ResolveOutcome.Refused);
        return Stream.of(
                new Operation(
                        "claim",
                        on -> {},
                        on -> on.store.claim(on.claim),
                        answer -> answer instanceof Acquired acquired
                                && acquired.lease().fence() == 1),
                new Operation(
                        "claim with an input",
                        on -> {},
                        on -> on.store.claim(TestRequests.remembering(on.claim, "the order")),
                        answer -> answer instanceof Acquired acquired
                                && acquired.lease().fence() == 1),
                new Operation(
                        "takeover",
                        on -> on.fail(refused, RunEffect.NOT_STARTED),
                        on -> on.store.claim(TestRequests.hold(on.id)),
                        answer -> answer instanceof Acquired acquired
                                && acquired.lease().fence() == 2),
                new Operation(
                        "heartbeat",
                        Setting::acquire,
                        on -> on.store.heartbeat(List.of(on.lease), Duration.ofMinutes(1)),
                        answer -> ((Set<?>) answer).size() == 1),
                new Operation(
                        "checkpoint",
                        Setting::acquire,
                        on -> on.store.checkpoint(on.lease, "sent", TestRequests.result("1")),
                        applied),
                new Operation(
                        "completion",
                        Setting::acquire,
                        on -> on.store.complete(on.lease, TestRequests.result("paid")),
                        applied),
                new Operation(
                        "failure",
                        Setting::acquire,
                        on -> on.store.fail(on.lease, unknown, RunEffect.UNKNOWN),
                        applied),
                new Operation(
                        "completion with rows",
                        Setting::acquire,
                        on -> on.store.complete(on.lease, TestRequests.result("paid"), on.rows()),
                        applied),
                new Operation(
                        "completion in a caller's transaction",
                        Setting::acquire,
                        PostgresReplicationTest::completeInACallersTransaction,
                        applied),
                new Operation(
                        "decision",
                        on -> {
                            on.fail(unknown, RunEffect.UNKNOWN);
                            on.decision = TestRequests.decide(on.store, on.id, new ResolveRequest.Verdict.Retry());
                        },
                        on -> on.store.resolve(on.decision),
                        resolved),
                new Operation(
                        "decision with rows",
                        on -> {
                            on.fail(unknown, RunEffect.UNKNOWN);
                            on.decision = TestRequests.decide(
                                    on.store, on.id, new ResolveRequest.Verdict.Completed(TestRequests.result("paid")));
                        },
                        on -> on.store.resolve(on.decision, on.rows()),
                        resolved),
                new Operation(
                        "run in a transaction",
                        on -> {},
                        on -> on.store.runInTransaction(on.id, TestRequests.fingerprint("input"), handle -> {
                            on.bodies.incrementAndGet();
                            on.pay(handle.getConnection());
                            return TestRequests.result("paid");
                        }),
                        answer -> answer instanceof TransactionOutcome.Executed));
    }

    private static Stream<Operation> someOperations() {
        return operations()
                .filter(operation -> Set.of("claim", "heartbeat", "completion with rows", "run in a transaction")
                        .contains(operation.name()));
    }

    private static Stream<Arguments> eachWay() {
        return operations().flatMap(operation -> switch (operation.name()) {
            case "claim", "heartbeat", "completion", "failure" ->
                Stream.of(Arguments.of(operation, false), Arguments.of(operation, true));
            default -> Stream.of(Arguments.of(operation, false));
        });
    }

    private JdbcIdempotencyStore open(boolean shared, Duration budget) {
        JdbcIdempotencyStore.Builder builder = JdbcIdempotencyStore.builder(database.url())
                .poolSize(2)
                .pushWakeUps(false)
                .budget(budget);
        return (shared ? builder.everythingShared() : builder.groupCommit(false)).open();
    }

    @ParameterizedTest(name = "{0}, shared commits {1}")
    @MethodSource("eachWay")
    @Rule({3, 14})
    void isNotAcknowledgedBeforeItIsReplicated(Operation operation, boolean shared) throws Exception {
        try (JdbcIdempotencyStore store = open(shared, Duration.ofSeconds(20))) {
            Setting setting = new Setting(store);
            operation.prepare().accept(setting);
            loseTheStandby();
            int before = cancelled.get();
            CompletableFuture<Object> answer = CompletableFuture.supplyAsync(() -> {
                try {
                    return operation.act().apply(setting);
                } catch (Exception e) {
                    throw new AssertionError(e);
                }
            });
            // One that was told, and one of the store's own finding out.
            while (cancelled.get() < before + 3) {
                assertThat(answer).isNotDone();
                TimeUnit.MILLISECONDS.sleep(2);
            }
            assertThat(answer).isNotDone();
            findTheStandby();
            assertThat(answer.get(20, TimeUnit.SECONDS)).matches(operation.answer());
            assertThat(setting.bodies.get()).isLessThanOrEqualTo(1);
            assertThat(store.activeConnections()).isZero();
        }
    }

    @ParameterizedTest
    @MethodSource("someOperations")
    @Rule({3, 12})
    void isUnknownWhenItsTimeIsUp(Operation operation) throws Exception {
        try (JdbcIdempotencyStore store = open(false, Duration.ofMillis(100))) {
            Setting setting = new Setting(store);
            operation.prepare().accept(setting);
            loseTheStandby();
            assertThatThrownBy(() -> operation.act().apply(setting))
                    .isInstanceOf(StoreException.Unavailable.class)
                    .hasMessageContaining("synchronous")
                    .satisfies(e -> assertThat(e.getMessage()).containsPattern("unknown|not acknowledged"));
        }
    }

    @Test
    @Rule({3, 12})
    void isNotAcknowledgedToTheNextCallEither() throws Exception {
        try (JdbcIdempotencyStore store = open(false, Duration.ofMillis(50))) {
            Setting setting = new Setting(store);
            setting.acquire();
            loseTheStandby();
            for (int i = 0; i < 3; i++) {
                assertThatThrownBy(() -> store.complete(setting.lease, TestRequests.result("paid")))
                        .isInstanceOf(StoreException.Unavailable.class)
                        .hasMessageContaining("unknown whether it took effect");
            }
        }
    }

    @Test
    @Rule({2, 3})
    void aResultIsNotShownToOtherCallersOfTheProcessEither() throws Exception {
        try (JdbcIdempotencyStore store = open(false, Duration.ofMillis(50))) {
            Setting setting = new Setting(store);
            setting.acquire();
            loseTheStandby();
            List<ThrowableAssert.ThrowingCallable> calls = List.of(
                    () -> store.complete(setting.lease, TestRequests.result("paid")),
                    () -> store.claim(TestRequests.hold(setting.id)),
                    () -> store.peek(setting.id),
                    () -> store.peekAll(List.of(setting.id)),
                    () -> store.runInTransaction(
                            setting.id, TestRequests.fingerprint("input"), handle -> TestRequests.result("twice")));
            for (ThrowableAssert.ThrowingCallable call : calls) {
                assertThatThrownBy(call)
                        .isInstanceOf(StoreException.Unavailable.class)
                        .hasMessageContaining("synchronous");
            }
            findTheStandby();
            assertThat(store.claim(TestRequests.hold(setting.id))).isInstanceOf(Finished.class);
            assertThat(store.peek(setting.id)).isPresent();
        }
    }

    /** Of two processes' runs of one key the second waits at the index, and reads nothing before the first commits. */
    @Test
    @Rule({2, 3})
    void aResultIsNotShownToARunInATransactionThatWaitedForItEither() throws Exception {
        // The one that waits for the other's lock has time enough for that.
        try (JdbcIdempotencyStore store = open(false, Duration.ofSeconds(1));
                JdbcIdempotencyStore other = open(false, Duration.ofMillis(50))) {
            Setting unanswered = new Setting(store);
            unanswered.acquire();
            loseTheStandby();
            assertThatThrownBy(() -> store.complete(unanswered.lease, TestRequests.result("paid")))
                    .isInstanceOf(StoreException.Unavailable.class);
            RecordId id = TestRequests.freshId();
            AtomicInteger bodies = new AtomicInteger();
            Callable<TransactionOutcome> second =
                    () -> store.runInTransaction(id, TestRequests.fingerprint("input"), handle -> {
                        bodies.incrementAndGet();
                        return TestRequests.result("twice");
                    });
            FutureTask<TransactionOutcome> waiting = new FutureTask<>(second);
            assertThatThrownBy(() -> other.runInTransaction(id, TestRequests.fingerprint("input"), handle -> {
                        new Thread(waiting).start();
                        awaitALockWait();
                        return TestRequests.result("paid");
                    }))
                    .isInstanceOf(StoreException.Unavailable.class)
                    .hasMessageContaining("not acknowledged");
            assertThatThrownBy(() -> waiting.get(20, TimeUnit.SECONDS))
                    .cause()
                    .isInstanceOf(StoreException.Unavailable.class)
                    .hasMessageContaining("synchronous");
            findTheStandby();
            assertThat(second.call()).isEqualTo(new TransactionOutcome.Replayed(TestRequests.result("paid")));
            assertThat(bodies).hasValue(0);
        }
    }

    private void awaitALockWait() {
        String waits = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = '"
                + database.name() + "'";
        Awaitility.await()
                .pollDelay(Duration.ZERO)
                .pollInterval(Duration.ofMillis(1))
                .until(() -> TestPostgres.admin().count(waits) > 0);
    }

    @Test
    void aWarningOfSomethingElseChangesNothing() throws Exception {
        try (JdbcIdempotencyStore store = open(false, Duration.ofSeconds(5))) {
            var answer = store.runInTransaction(TestRequests.freshId(), TestRequests.fingerprint("input"), handle -> {
                int unused = handle.execute("DO $$ BEGIN RAISE WARNING 'look out'; END $$");
                return TestRequests.result("paid");
            });
            assertThat(answer).isInstanceOf(TransactionOutcome.Executed.class);
        }
    }
}
