package io.toolgate.store.jdbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.toolgate.Failure;
import io.toolgate.IdempotencyKey;
import io.toolgate.Outcome;
import io.toolgate.Outcome.Origin;
import io.toolgate.PaidAction;
import io.toolgate.ProbeResult;
import io.toolgate.Recovery;
import io.toolgate.ResultCodec;
import io.toolgate.ToolGate;
import io.toolgate.migrations.ToolGateMigrations;
import io.toolgate.store.Lease;
import io.toolgate.store.RecordState;
import io.toolgate.store.ResolveOutcome;
import io.toolgate.store.ResolveRequest;
import io.toolgate.store.Rows;
import io.toolgate.store.StoreException;
import io.toolgate.store.TransitionOutcome.AlreadyApplied;
import io.toolgate.store.TransitionOutcome.Applied;
import io.toolgate.store.contract.Rule;
import io.toolgate.store.jdbc.FaultInjectionRules.Fault;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Rows that belong to a result, on a database: one row where there is a result, whatever breaks. */
abstract class StoredRowsRules {
    private static final int MORE_THAN_ENOUGH = 1000;

    private Backend backend;
    JdbcIdempotencyStore store;
    private final FaultyDataSource faults = new FaultyDataSource();

    abstract Backend openBackend();

    @BeforeEach
    void open() {
        backend = openBackend();
        backend.run(
                "DROP TABLE IF EXISTS paid",
                "CREATE TABLE paid (order_id varchar(100) PRIMARY KEY, by_whom varchar(20))");
        ToolGateMigrations.switchJournal(backend.dataSource(), true);
        store = backend.builder().poolSize(4).wrapper(faults::wrap).open();
    }

    @AfterEach
    void close() {
        assertThat(store.activeConnections()).as("connections not given back").isZero();
        store.close();
        ToolGateMigrations.switchJournal(backend.dataSource(), false);
        backend.run("DROP TABLE paid");
        backend.close();
    }

    static void insert(Connection connection, String order, String by) throws SQLException {
        try (var statement = connection.prepareStatement("INSERT INTO paid VALUES (?, ?)")) {
            statement.setString(1, order);
            statement.setString(2, by);
            int unused = statement.executeUpdate();
        }
    }

    private static Rows<Connection> paid(Lease lease) {
        return new Rows<>(
                Connection.class, connection -> insert(connection, lease.id().key(), "test"));
    }

    static Rows<Connection> written(Rows.Writer<Connection> writer) {
        return new Rows<>(Connection.class, writer);
    }

    Lease claimed() {
        return TestRequests.acquired(store, TestRequests.hold(TestRequests.freshId()));
    }

    private RecordState state(Lease lease) {
        return store.peek(lease.id()).orElseThrow().state();
    }

    private long count(Lease lease) {
        return Long.parseLong(backend.one(
                "SELECT count(*) FROM paid WHERE order_id = '" + lease.id().key() + "'"));
    }

    private void assertNeither(Lease lease) {
        assertThat(count(lease)).isZero();
        assertThat(state(lease)).isEqualTo(RecordState.IN_PROGRESS);
    }

    /** A second row would violate the primary key: a repetition that wrote it would end in RowsFailed. */
    @ParameterizedTest
    @MethodSource("io.toolgate.store.jdbc.FaultInjectionRules#faults")
    @Rule(18)
    void aCompletionWithRowsSurvivesEveryFault(Fault fault) {
        breakEveryCall(fault, () -> {
            Lease lease = claimed();
            return () -> {
                assertThat(store.complete(lease, TestRequests.result("paid"), paid(lease)))
                        .isInstanceOfAny(Applied.class, AlreadyApplied.class);
                assertOnce(lease, 2);
            };
        });
    }

    @ParameterizedTest
    @MethodSource("io.toolgate.store.jdbc.FaultInjectionRules#faults")
    @Rule(18)
    void aLateResultWithRowsSurvivesEveryFault(Fault fault) {
        breakEveryCall(fault, () -> {
            Lease lease = claimed();
            assertThat(store.fail(lease, Failure.unknown("timeout", ""))).isInstanceOf(Applied.class);
            return () -> {
                assertThat(store.complete(lease, TestRequests.result("paid"), paid(lease)))
                        .isInstanceOfAny(Applied.class, AlreadyApplied.class);
                assertOnce(lease, 3);
            };
        });
    }

    @ParameterizedTest
    @MethodSource("io.toolgate.store.jdbc.FaultInjectionRules#faults")
    @Rule(18)
    void aDecisionWithRowsSurvivesEveryFault(Fault fault) {
        breakEveryCall(fault, () -> {
            Lease lease = claimed();
            assertThat(store.fail(lease, Failure.unknown("timeout", ""))).isInstanceOf(Applied.class);
            ResolveRequest request = TestRequests.decide(
                    store, lease.id(), new ResolveRequest.Verdict.Completed(TestRequests.result("paid")));
            return () -> {
                assertThat(store.resolve(request, paid(lease)))
                        .isInstanceOfAny(ResolveOutcome.Resolved.class, ResolveOutcome.AlreadyResolved.class);
                assertOnce(lease, 3);
                assertThat(store.history(lease.id(), 10).entries()).hasSize(1);
            };
        });
    }

    private void assertOnce(Lease lease, long version) {
        assertThat(count(lease)).isEqualTo(1);
        assertThat(store.peek(lease.id()).orElseThrow()).satisfies(record -> {
            assertThat(record.state()).isEqualTo(RecordState.COMPLETED);
            assertThat(record.version()).isEqualTo(version);
        });
        assertThat(store.journal(lease.id()).stream().filter(entry -> entry.version() == version))
                .hasSize(1);
    }

    private void breakEveryCall(Fault fault, Supplier<Runnable> scenario) {
        Set<String> broken = new LinkedHashSet<>();
        for (int n = 0; n < MORE_THAN_ENOUGH; n++) {
            Runnable operation = scenario.get();
            faults.arm(n, fault.moment(), fault.definite() ? backend::aborted : backend::brokenConnection);
            try {
                operation.run();
            } catch (RuntimeException | AssertionError e) {
                throw new AssertionError("with call " + n + " broken, " + faults.disarm(), e);
            }
            String hit = faults.disarm();
            if (hit.isEmpty()) {
                assertThat(broken)
                        .anyMatch(call -> call.endsWith("setAutoCommit"))
                        .anyMatch(call -> call.endsWith("executeQuery"))
                        .anyMatch(call -> call.endsWith("executeUpdate"));
                return;
            }
            broken.add(hit);
        }
        throw new AssertionError("the operation never ran without a fault");
    }

    @Test
    @Rule(18)
    void aRowThatTheDatabaseRefusesLeavesNeitherAndQuotesNoValues() {
        Lease lease = claimed();
        backend.run("INSERT INTO paid VALUES ('" + lease.id().key() + "', 'before')");
        assertThatThrownBy(() -> store.complete(lease, TestRequests.result("paid"), paid(lease)))
                .isInstanceOf(StoreException.RowsFailed.class)
                .hasMessageNotContaining(lease.id().key())
                .hasCauseInstanceOf(SQLException.class);
        assertThat(state(lease)).isEqualTo(RecordState.IN_PROGRESS);
        assertThat(store.complete(lease, TestRequests.result("paid"))).isInstanceOf(Applied.class);
    }

    @Test
    @Rule(18)
    void aWriterThatIgnoresAFailedStatementStoresNoHalf() {
        Lease lease = claimed();
        Rows<Connection> careless = written(connection -> {
            insert(connection, lease.id().key(), "first");
            try {
                insert(connection, lease.id().key(), "second");
            } catch (SQLException e) {
                // As careless code does.
            }
        });
        try {
            assertThat(store.complete(lease, TestRequests.result("paid"), careless))
                    .as("where the database goes on after a failed statement")
                    .isInstanceOf(Applied.class);
            assertOnce(lease, 2);
        } catch (StoreException.RowsFailed e) {
            assertThat(e).hasMessageContaining("that the writer ignored");
            assertNeither(lease);
        }
    }

    @Test
    @Rule(18)
    void aWriterCannotEndTheTransaction() {
        for (String statement : new String[] {"commit", "rollback", "ROLLBACK"}) {
            Lease lease = claimed();
            Rows<Connection> ending = written(connection -> {
                insert(connection, lease.id().key(), "test");
                switch (statement) {
                    case "commit" -> connection.commit();
                    case "rollback" -> connection.rollback();
                    default -> {
                        try (var sql = connection.createStatement()) {
                            boolean unused = sql.execute(statement);
                        }
                    }
                }
            });
            assertThatThrownBy(() -> store.complete(lease, TestRequests.result("paid"), ending))
                    .as(statement)
                    .isInstanceOf(StoreException.RowsFailed.class);
            assertNeither(lease);
        }
    }

    @Test
    @Rule(18)
    void aHandleServesLikeAConnection() {
        Lease lease = claimed();
        Rows<Handle> rows = new Rows<>(Handle.class, handle -> {
            int unused = handle.execute(
                    "INSERT INTO paid VALUES (?, 'handle')", lease.id().key());
        });
        assertThat(store.complete(lease, TestRequests.result("paid"), rows)).isInstanceOf(Applied.class);
        assertOnce(lease, 2);
    }

    private PaidAction.Builder<String, String> charging(AtomicInteger charges) {
        return PaidAction.<String, String>named("pay")
                .run((input, attempt) -> input + "-" + charges.incrementAndGet())
                .codec(ResultCodec.text())
                .fingerprint(input -> input.getBytes(StandardCharsets.UTF_8))
                .storing(
                        Connection.class,
                        (connection, completion) ->
                                insert(connection, completion.id().key(), completion.by() + " " + completion.result()));
    }

    /** The owner is gone after its effect and before its commit, as after a kill. */
    @Test
    @Rule(18)
    void twoHundredDuplicatesAfterACrashGetTheResultAndThereIsOneRow() {
        AtomicInteger charges = new AtomicInteger();
        PaidAction<String, String> action = charging(charges)
                .recovery(Recovery.probe(attempt -> ProbeResult.happened("found")))
                .build();
        Lease unused = TestRequests.acquired(
                store, TestRequests.hold(IdempotencyKey.of("order").in("pay")));
        backend.advance(TestRequests.LEASE.plusSeconds(1));
        try (ToolGate gate = ToolGate.on(store).build()) {
            List<CompletableFuture<Outcome<String>>> calls = new ArrayList<>();
            for (int i = 0; i < 200; i++) {
                calls.add(gate.executeAsync(action, IdempotencyKey.of("order"), "input"));
            }
            assertThat(calls)
                    .allSatisfy(call -> assertThat(call.join().valueOrThrow()).isEqualTo("found"));
        }
        assertThat(backend.rows("SELECT order_id, by_whom FROM paid")).containsExactly("order|PROBE found");
        assertThat(charges).hasValue(0);
    }

    @Test
    @Rule(18)
    void declaredRowsAreWrittenInATransactionOfTheRunToo() {
        Jdbi jdbi = Jdbi.create(backend.dataSource());
        AtomicBoolean fails = new AtomicBoolean(true);
        PaidAction<String, String> action = charging(new AtomicInteger())
                .run((input, attempt) -> jdbi.inTransaction(handle -> {
                    int unused = handle.execute("INSERT INTO paid VALUES ('own', 'run')");
                    String value = attempt.completeIn(handle, input);
                    if (fails.getAndSet(false)) {
                        throw new IllegalStateException("after the statement, before the commit");
                    }
                    return value;
                }))
                .classify(Failure::notExecuted)
                .build();
        try (ToolGate gate = ToolGate.on(store).build()) {
            assertThat(gate.execute(action, IdempotencyKey.of("order"), "in")).isInstanceOf(Outcome.Retryable.class);
            assertThat(backend.rows("SELECT order_id FROM paid")).isEmpty();
            assertThat(gate.execute(action, IdempotencyKey.of("order"), "in"))
                    .as("the next call, which waits for the pause after a refused run")
                    .isEqualTo(new Outcome.Completed<>("in", Origin.EXECUTED));
        }
        assertThat(backend.rows("SELECT order_id, by_whom FROM paid ORDER BY 1"))
                .containsExactly("order|RUN in", "own|run");
    }

    @Test
    @Rule(18)
    void rowsThatFailInATransactionOfTheRunTakeTheResultWithThem() throws SQLException {
        Lease lease = claimed();
        backend.run("INSERT INTO paid VALUES ('" + lease.id().key() + "', 'before')");
        try (Connection connection = backend.dataSource().getConnection()) {
            connection.setAutoCommit(false);
            insert(connection, "own", "run");
            assertThatThrownBy(() -> store.completeIn(connection, lease, TestRequests.result("paid"), paid(lease)))
                    .isInstanceOf(StoreException.RowsFailed.class);
            // Careless, and harmless.
            connection.commit();
        }
        assertThat(state(lease)).isEqualTo(RecordState.IN_PROGRESS);
        assertThatThrownBy(() -> store.complete(lease, TestRequests.result("paid"), paid(lease)))
                .isInstanceOf(StoreException.RolledBack.class);
    }
}
