package io.toolgate.store.jdbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.toolgate.Failure;
import io.toolgate.IdempotencyKey;
import io.toolgate.Outcome;
import io.toolgate.PaidAction;
import io.toolgate.ResultCodec;
import io.toolgate.ToolGate;
import io.toolgate.ToolGateException;
import io.toolgate.store.ClaimOutcome.Acquired;
import io.toolgate.store.Lease;
import io.toolgate.store.RecordState;
import io.toolgate.store.RunEffect;
import io.toolgate.store.StoreException;
import io.toolgate.store.TransitionOutcome;
import io.toolgate.store.TransitionOutcome.AlreadyApplied;
import io.toolgate.store.TransitionOutcome.Applied;
import io.toolgate.store.TransitionOutcome.LeaseLost;
import io.toolgate.store.contract.Rule;
import io.toolgate.store.jdbc.FaultInjectionRules.Fault;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.LinkedHashSet;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import javax.sql.DataSource;
import org.jdbi.v3.core.Jdbi;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** A result and the caller's rows, in the caller's transaction: both or neither, and what the gate is told then. */
abstract class CompleteInRules {
    private static final int MORE_THAN_ENOUGH = 1000;

    private Backend backend;
    private JdbcIdempotencyStore store;
    private final FaultyDataSource faults = new FaultyDataSource();
    private DataSource callers;

    abstract Backend openBackend();

    /** Another database or file of the same kind, with a store in it. */
    abstract DataSource elsewhere();

    @BeforeEach
    void open() {
        backend = openBackend();
        backend.run("DROP TABLE IF EXISTS paid", "CREATE TABLE paid (order_id varchar(100))");
        store = backend.builder().wrapper(faults::wrap).open();
        callers = faults.wrap(backend.dataSource());
    }

    @AfterEach
    void close() {
        assertThat(store.activeConnections()).as("connections not given back").isZero();
        store.close();
        backend.run("DROP TABLE paid");
        backend.close();
    }

    private static void markPaid(Connection connection, Lease lease) throws SQLException {
        try (var statement = connection.prepareStatement("INSERT INTO paid VALUES (?)")) {
            statement.setString(1, lease.id().key());
            int unused = statement.executeUpdate();
        }
    }

    private Connection begin() throws SQLException {
        Connection connection = callers.getConnection();
        connection.setAutoCommit(false);
        return connection;
    }

    private Lease claimed() {
        return TestRequests.acquired(store, TestRequests.hold(TestRequests.freshId()));
    }

    private long paid(Lease lease) {
        return Long.parseLong(backend.one(
                "SELECT count(*) FROM paid WHERE order_id = '" + lease.id().key() + "'"));
    }

    private RecordState state(Lease lease) {
        return store.peek(lease.id()).orElseThrow().state();
    }

    @Test
    @Rule(3)
    void theResultAndTheCallersRowsAreThereFromTheCommitOn() throws SQLException {
        Lease lease = claimed();
        try (Connection connection = begin()) {
            markPaid(connection, lease);
            TransitionOutcome outcome = store.completeIn(connection, lease, TestRequests.result("paid"), null);
            assertThat(outcome).isInstanceOfSatisfying(Applied.class, applied -> {
                assertThat(applied.previous()).isEqualTo(RecordState.IN_PROGRESS);
                assertThat(applied.version()).isEqualTo(2);
            });
            assertThat(state(lease)).as("before the commit").isEqualTo(RecordState.IN_PROGRESS);
            assertThat(connection.getAutoCommit()).isFalse();
            connection.commit();
        }
        assertThat(paid(lease)).isEqualTo(1);
        assertThat(store.peek(lease.id()).orElseThrow().result()).isEqualTo(TestRequests.result("paid"));
        assertThat(store.complete(lease, TestRequests.result("paid"))).isInstanceOf(AlreadyApplied.class);
        assertThat(store.complete(lease, TestRequests.result("other"))).isInstanceOf(LeaseLost.class);
    }

    @Test
    @Rule(3)
    void aHandleServesLikeAConnection() {
        Lease lease = claimed();
        Jdbi.create(backend.dataSource()).useTransaction(handle -> {
            int unused =
                    handle.execute("INSERT INTO paid VALUES (?)", lease.id().key());
            assertThat(store.completeIn(handle, lease, TestRequests.result("paid"), null))
                    .isInstanceOf(Applied.class);
        });
        assertThat(paid(lease)).isEqualTo(1);
        assertThat(state(lease)).isEqualTo(RecordState.COMPLETED);
    }

    @Test
    @Rule(3)
    void aRolledBackResultIsNotStoredWithoutItsRows() throws SQLException {
        Lease lease = claimed();
        try (Connection connection = begin()) {
            markPaid(connection, lease);
            assertThat(store.completeIn(connection, lease, TestRequests.result("paid"), null))
                    .isInstanceOf(Applied.class);
            connection.rollback();
        }
        assertThatThrownBy(() -> store.complete(lease, TestRequests.result("paid")))
                .isInstanceOf(StoreException.RolledBack.class)
                .hasMessageContaining("did not commit")
                .hasMessageContaining("IN_PROGRESS");
        assertThatThrownBy(() -> store.complete(lease, TestRequests.result("paid")))
                .as("asked again")
                .isInstanceOf(StoreException.RolledBack.class);
        assertThat(state(lease)).isEqualTo(RecordState.IN_PROGRESS);
        assertThat(paid(lease)).isZero();
        // The run says how it ended, and the key is free.
        assertThat(store.fail(lease, Failure.notExecuted("rolled-back", ""), RunEffect.NOT_STARTED))
                .isInstanceOf(Applied.class);
        assertThat(store.claim(TestRequests.hold(lease.id()))).isInstanceOf(Acquired.class);
    }

    @Test
    @Rule(3)
    void aRolledBackResultOfADoubtIsNotStoredWithoutItsRows() throws SQLException {
        Lease lease = claimed();
        try (Connection connection = begin()) {
            assertThat(store.completeIn(connection, lease, TestRequests.result("paid"), null))
                    .isInstanceOf(Applied.class);
            connection.rollback();
        }
        assertThat(store.fail(lease, Failure.unknown("run-time-exceeded", ""))).isInstanceOf(Applied.class);
        assertThatThrownBy(() -> store.complete(lease, TestRequests.result("paid")))
                .isInstanceOf(StoreException.RolledBack.class);
        try (Connection connection = begin()) {
            markPaid(connection, lease);
            assertThat(store.completeIn(connection, lease, TestRequests.result("paid"), null))
                    .as("the late result")
                    .isInstanceOfSatisfying(
                            Applied.class,
                            applied -> assertThat(applied.previous()).isEqualTo(RecordState.IN_DOUBT));
            connection.commit();
        }
        assertThat(store.complete(lease, TestRequests.result("paid"))).isInstanceOf(AlreadyApplied.class);
        assertThat(paid(lease)).isEqualTo(1);
    }

    @Test
    @Rule(3)
    void anOpenTransactionAcknowledgesNothing() throws SQLException {
        Lease lease = claimed();
        try (Connection connection = begin()) {
            assertThat(store.completeIn(connection, lease, TestRequests.result("paid"), null))
                    .isInstanceOf(Applied.class);
            assertThatThrownBy(() -> store.complete(lease, TestRequests.result("paid")))
                    .isInstanceOf(StoreException.RolledBack.class)
                    .hasMessageContaining("has not yet");
            connection.commit();
        }
        assertThat(store.complete(lease, TestRequests.result("paid"))).isInstanceOf(AlreadyApplied.class);
    }

    @Test
    @Rule(4)
    void aStaleOwnerIsRefusedInItsOwnTransaction() throws SQLException {
        Lease lease = claimed();
        assertThat(store.fail(lease, Failure.notExecuted("refused", ""), RunEffect.NOT_STARTED))
                .isInstanceOf(Applied.class);
        Lease next = TestRequests.acquired(store, TestRequests.hold(lease.id()));
        try (Connection connection = begin()) {
            assertThat(store.completeIn(connection, lease, TestRequests.result("stale"), null))
                    .isInstanceOf(LeaseLost.class);
            connection.rollback();
        }
        assertThat(store.complete(next, TestRequests.result("paid"))).isInstanceOf(Applied.class);
    }

    @Test
    void aConnectionInAutocommitIsRefused() throws SQLException {
        Lease lease = claimed();
        try (Connection connection = callers.getConnection()) {
            assertThatThrownBy(() -> store.completeIn(connection, lease, TestRequests.result("paid"), null))
                    .isInstanceOf(StoreException.Misconfigured.class)
                    .hasMessageContaining("autocommit on");
        }
        assertThat(state(lease)).isEqualTo(RecordState.IN_PROGRESS);
        assertThat(store.complete(lease, TestRequests.result("paid"))).isInstanceOf(Applied.class);
    }

    @Test
    void aConnectionToAnotherStoreIsRefusedAndItsTransactionContinues() throws SQLException {
        Lease lease = claimed();
        try (Connection connection = elsewhere().getConnection()) {
            connection.setAutoCommit(false);
            assertThatThrownBy(() -> store.completeIn(connection, lease, TestRequests.result("paid"), null))
                    .isInstanceOf(StoreException.Misconfigured.class)
                    .hasMessageContaining("another store");
            try (var statement = connection.createStatement()) {
                assertThat(statement.execute("SELECT 1")).isTrue();
            }
            connection.rollback();
        }
        assertThat(store.complete(lease, TestRequests.result("paid"))).isInstanceOf(Applied.class);
    }

    /** The plug is pulled before and after every JDBC call, the caller's and the store's. */
    @ParameterizedTest
    @MethodSource("io.toolgate.store.jdbc.FaultInjectionRules#faults")
    @Rule(14)
    void rowsAndResultAreBothStoredOrBothAbsentAfterEveryFault(Fault fault) throws SQLException {
        Set<String> broken = new LinkedHashSet<>();
        for (int n = 0; n < MORE_THAN_ENOUGH; n++) {
            Lease lease = claimed();
            faults.arm(n, fault.moment(), fault.definite() ? backend::aborted : backend::brokenConnection);
            boolean returned = payIn(lease);
            String hit = faults.disarm();
            boolean there = paid(lease) == 1;
            String what = "call " + n + ", " + hit;
            assertThat(state(lease)).as(what).isEqualTo(there ? RecordState.COMPLETED : RecordState.IN_PROGRESS);
            assertThat(there).as(what).isEqualTo(returned || there);
            if (!there) {
                assertThat(payIn(lease)).as("tried again after " + what).isTrue();
            }
            assertThat(store.complete(lease, TestRequests.result("paid"))).isInstanceOf(AlreadyApplied.class);
            assertThat(paid(lease)).as(what).isEqualTo(1);
            if (hit.isEmpty()) {
                assertThat(broken)
                        .anyMatch(call -> call.endsWith("commit"))
                        .anyMatch(call -> call.endsWith("executeQuery"))
                        .anyMatch(call -> call.endsWith("executeUpdate"));
                return;
            }
            broken.add(hit);
        }
        throw new AssertionError("the operation never ran without a fault");
    }

    /** Pays as an application would: whatever is thrown, it rolls back. */
    private boolean payIn(Lease lease) throws SQLException {
        try (Connection connection = callers.getConnection()) {
            try {
                connection.setAutoCommit(false);
                markPaid(connection, lease);
                TransitionOutcome unused = store.completeIn(connection, lease, TestRequests.result("paid"), null);
                connection.commit();
                return true;
            } catch (SQLException | StoreException e) {
                connection.rollback();
                return false;
            }
        } catch (SQLException e) {
            return false;
        }
    }

    @Test
    @Rule(3)
    void aGateReportsThatAResultWasNotStored() {
        AtomicInteger runs = new AtomicInteger();
        Jdbi jdbi = Jdbi.create(backend.dataSource());
        PaidAction<String, String> action = PaidAction.<String, String>named("pay")
                .run((input, attempt) -> {
                    int run = runs.incrementAndGet();
                    jdbi.useTransaction(handle -> {
                        int unused = handle.execute("INSERT INTO paid VALUES (?)", attempt.key());
                        attempt.completeIn(handle, input + run);
                        if (input.equals("doomed")) {
                            handle.rollback();
                        }
                    });
                    return input + run;
                })
                .codec(ResultCodec.text())
                .fingerprint(input -> input.getBytes(StandardCharsets.UTF_8))
                .build();
        try (ToolGate gate = ToolGate.on(store).build()) {
            Outcome<String> paid = gate.execute(action, IdempotencyKey.of("good"), "good");
            assertThat(paid).isEqualTo(new Outcome.Completed<>("good1", Outcome.Origin.EXECUTED));
            assertThat(gate.execute(action, IdempotencyKey.of("good"), "good"))
                    .isEqualTo(new Outcome.Completed<>("good1", Outcome.Origin.REPLAYED));
            assertThatThrownBy(() -> gate.execute(action, IdempotencyKey.of("doomed"), "doomed"))
                    .isInstanceOf(ToolGateException.ResultNotStored.class)
                    .hasCauseInstanceOf(StoreException.RolledBack.class);
        }
        assertThat(backend.rows("SELECT order_id FROM paid")).containsExactly("good");
        assertThat(backend.rows("SELECT idempotency_key, status FROM tg_idempotency ORDER BY 1"))
                .containsExactly("doomed|IN_PROGRESS", "good|COMPLETED");
    }

    /** A codec that encrypts never writes the same bytes twice. */
    @Test
    @Rule(2)
    void theStoredResultIsKeptWhereTheCodecEncodesDifferently() {
        AtomicInteger nonce = new AtomicInteger();
        ResultCodec<String> codec = new ResultCodec<>() {
            @Override
            public String id() {
                return "nonce/1";
            }

            @Override
            public byte[] encode(String result) {
                return (nonce.incrementAndGet() + ":" + result).getBytes(StandardCharsets.UTF_8);
            }

            @Override
            public String decode(byte[] bytes) {
                return new String(bytes, StandardCharsets.UTF_8).split(":", 2)[1];
            }
        };
        PaidAction<String, String> action = PaidAction.<String, String>named("pay")
                .run((input, attempt) ->
                        Jdbi.create(backend.dataSource()).inTransaction(handle -> attempt.completeIn(handle, "stored")))
                .codec(codec)
                .fingerprint(input -> input.getBytes(StandardCharsets.UTF_8))
                .build();
        try (ToolGate gate = ToolGate.on(store).build()) {
            assertThat(gate.execute(action, IdempotencyKey.of("k"), "i"))
                    .isEqualTo(new Outcome.Completed<>("stored", Outcome.Origin.EXECUTED));
        }
    }
}
