package io.toolgate.store.jdbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import io.toolgate.Failure;
import io.toolgate.migrations.ToolGateMigrations;
import io.toolgate.store.Checkpoint;
import io.toolgate.store.ClaimOutcome;
import io.toolgate.store.ClaimOutcome.Acquired;
import io.toolgate.store.ClaimOutcome.InDoubt;
import io.toolgate.store.ClaimOutcome.Previous;
import io.toolgate.store.ClaimRequest;
import io.toolgate.store.KeyHistory;
import io.toolgate.store.Lease;
import io.toolgate.store.Payload;
import io.toolgate.store.RecordId;
import io.toolgate.store.RecordNumbers;
import io.toolgate.store.RecordState;
import io.toolgate.store.ResolveOutcome.AlreadyResolved;
import io.toolgate.store.ResolveOutcome.Resolved;
import io.toolgate.store.ResolveRequest;
import io.toolgate.store.Rows;
import io.toolgate.store.TransitionOutcome.AlreadyApplied;
import io.toolgate.store.TransitionOutcome.Applied;
import io.toolgate.store.UnfinishedPage;
import io.toolgate.store.contract.Rule;
import io.toolgate.store.jdbc.FaultyDataSource.Moment;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Breaks every JDBC call of every operation, one at a time: instead of its effect with an error that says "aborted" and
 * with one that says nothing, and after its effect with the latter. Whatever breaks, the caller gets the right answer
 * and the row is as if nothing had.
 */
abstract class FaultInjectionRules {
    private static final int MORE_THAN_ENOUGH = 1000;

    private Backend backend;
    private JdbcIdempotencyStore store;
    final FaultyDataSource faults = new FaultyDataSource();

    abstract Backend openBackend();

    /** A store whose heartbeats are broken, too: on PostgreSQL those of a store by URL go past its pool. */
    JdbcIdempotencyStore.Builder heartbeating() {
        return backend.builder().wrapper(faults::wrap);
    }

    /** How the store is opened: here with a commit for each write. */
    JdbcIdempotencyStore.Builder configured(JdbcIdempotencyStore.Builder builder) {
        return builder.groupCommit(false);
    }

    /** Which error comes when. */
    record Fault(Moment moment, boolean definite) {}

    static Stream<Arguments> faults() {
        return Stream.of(
                Arguments.of(new Fault(Moment.BEFORE, true)),
                Arguments.of(new Fault(Moment.BEFORE, false)),
                Arguments.of(new Fault(Moment.AFTER, false)));
    }

    @BeforeEach
    void open() {
        backend = openBackend();
        ToolGateMigrations.switchJournal(backend.dataSource(), true);
        store = configured(backend.builder().wrapper(faults::wrap)).open();
    }

    @AfterEach
    void close() {
        assertThat(store.activeConnections()).as("connections not given back").isZero();
        store.close();
        ToolGateMigrations.switchJournal(backend.dataSource(), false);
        backend.close();
    }

    @ParameterizedTest
    @MethodSource("faults")
    @Rule(14)
    void aClaimSurvivesEveryFault(Fault fault) {
        breakEveryCall(fault, () -> {
            RecordId id = TestRequests.freshId();
            ClaimRequest request = TestRequests.hold(id);
            return () -> {
                Acquired acquired = (Acquired) store.claim(request);
                assertThat(acquired)
                        .isEqualTo(new Acquired(new Lease(id, request.token(), 1), 1, RecordNumbers.FIRST, null));
                assertThat(row(id)).isEqualTo("IN_PROGRESS|1|1|null|null");
            };
        });
    }

    @ParameterizedTest
    @MethodSource("faults")
    @Rule(14)
    void aTakeoverSurvivesEveryFaultAndReportsThePreviousAttempt(Fault fault) {
        breakEveryCall(fault, () -> {
            RecordId id = TestRequests.freshId();
            Lease before = TestRequests.acquired(store, TestRequests.take(id));
            Failure doubt = Failure.unknown("timeout", "no answer");
            assertThat(store.fail(before, doubt)).isInstanceOf(Applied.class);
            ClaimRequest request = TestRequests.take(id);
            return () -> {
                ClaimOutcome outcome = store.claim(request);
                assertThat(outcome)
                        .isEqualTo(new Acquired(
                                new Lease(id, request.token(), 2),
                                3,
                                new RecordNumbers(1, 2, 0, 0),
                                new Previous(RecordState.IN_DOUBT, 1, doubt)));
                assertThat(row(id)).isEqualTo("IN_PROGRESS|2|3|null|null");
            };
        });
    }

    @ParameterizedTest
    @MethodSource("faults")
    @Rule({14, 19})
    void aClaimWithAnInputSurvivesEveryFault(Fault fault) {
        breakEveryCall(fault, () -> {
            RecordId id = TestRequests.freshId();
            ClaimRequest request = TestRequests.remembering(TestRequests.hold(id), "the order");
            return () -> {
                Acquired acquired = (Acquired) store.claim(request);
                assertThat(acquired)
                        .isEqualTo(new Acquired(new Lease(id, request.token(), 1), 1, RecordNumbers.FIRST, null));
                assertThat(row(id)).isEqualTo("IN_PROGRESS|1|1|null|null");
                assertThat(store.history(id, 0).checkpoints())
                        .extracting(Checkpoint::version, Checkpoint::value)
                        .containsExactly(tuple(1L, TestRequests.result("the order")));
            };
        });
    }

    @ParameterizedTest
    @MethodSource("faults")
    @Rule({14, 19})
    void aTakeoverWithAnInputSurvivesEveryFault(Fault fault) {
        breakEveryCall(fault, () -> {
            RecordId id = TestRequests.freshId();
            Lease before = TestRequests.acquired(store, TestRequests.take(id));
            assertThat(store.fail(before, Failure.unknown("timeout", "no answer")))
                    .isInstanceOf(Applied.class);
            ClaimRequest request = TestRequests.remembering(TestRequests.take(id), "the order");
            return () -> {
                assertThat(store.claim(request)).isInstanceOfSatisfying(Acquired.class, acquired -> {
                    assertThat(acquired.lease()).isEqualTo(new Lease(id, request.token(), 2));
                    assertThat(acquired.previous()).isNotNull();
                });
                assertThat(row(id)).isEqualTo("IN_PROGRESS|2|3|null|null");
                assertThat(store.history(id, 0).checkpoints())
                        .extracting(Checkpoint::version, Checkpoint::value)
                        .containsExactly(tuple(3L, TestRequests.result("the order")));
            };
        });
    }

    @ParameterizedTest
    @MethodSource("faults")
    @Rule(14)
    void aHoldingClaimOfADeadOwnersRecordSurvivesEveryFault(Fault fault) {
        breakEveryCall(fault, () -> {
            RecordId id = TestRequests.freshId();
            Lease unused = TestRequests.acquired(store, TestRequests.hold(id));
            backend.advance(TestRequests.LEASE.plusSeconds(1));
            return () -> {
                InDoubt outcome = (InDoubt) store.claim(TestRequests.hold(id));
                assertThat(outcome.record().version()).isEqualTo(2);
                assertThat(outcome.marked()).as("told by this claim").isTrue();
                assertThat(row(id)).startsWith("IN_DOUBT|1|2|null|owner-vanished");
            };
        });
    }

    @ParameterizedTest
    @MethodSource("faults")
    @Rule(14)
    void aCompletionSurvivesEveryFault(Fault fault) {
        breakEveryCall(fault, () -> {
            Lease lease = TestRequests.acquired(store, TestRequests.hold(TestRequests.freshId()));
            return () -> {
                assertThat(store.complete(lease, TestRequests.result("paid")))
                        .isInstanceOfAny(Applied.class, AlreadyApplied.class);
                assertThat(row(lease.id())).isEqualTo("COMPLETED|1|2|text|null");
                assertThat(store.peek(lease.id()).orElseThrow().result()).isEqualTo(TestRequests.result("paid"));
            };
        });
    }

    @ParameterizedTest
    @MethodSource("faults")
    @Rule(14)
    void aLateCompletionOfADoubtSurvivesEveryFault(Fault fault) {
        breakEveryCall(fault, () -> {
            Lease lease = TestRequests.acquired(store, TestRequests.hold(TestRequests.freshId()));
            assertThat(store.fail(lease, Failure.unknown("timeout", ""))).isInstanceOf(Applied.class);
            return () -> {
                assertThat(store.complete(lease, TestRequests.result("paid")))
                        .isInstanceOfAny(Applied.class, AlreadyApplied.class);
                assertThat(row(lease.id())).isEqualTo("COMPLETED|1|3|text|null");
            };
        });
    }

    @ParameterizedTest
    @MethodSource("faults")
    @Rule(14)
    void aReleaseSurvivesEveryFault(Fault fault) {
        breakEveryCall(fault, () -> {
            Lease lease = TestRequests.acquired(store, TestRequests.hold(TestRequests.freshId()));
            return () -> {
                assertThat(store.fail(lease, Failure.notExecuted("refused", "")))
                        .isInstanceOfAny(Applied.class, AlreadyApplied.class);
                assertThat(row(lease.id())).isEqualTo("RETRYABLE|1|2|null|refused");
            };
        });
    }

    @ParameterizedTest
    @MethodSource("faults")
    @Rule(14)
    void aHeartbeatSurvivesEveryFault(Fault fault) {
        try (JdbcIdempotencyStore beating = configured(heartbeating()).open()) {
            breakEveryCall(fault, true, () -> {
                Lease mine = TestRequests.acquired(beating, TestRequests.hold(TestRequests.freshId()));
                Lease lost = new Lease(mine.id(), TestRequests.token(), 1);
                return () -> assertThat(beating.heartbeat(List.of(mine, lost), Duration.ofMinutes(5)))
                        .containsExactly(mine);
            });
        }
    }

    @ParameterizedTest
    @MethodSource("faults")
    @Rule(14)
    void aCheckpointSurvivesEveryFault(Fault fault) {
        breakEveryCall(fault, () -> {
            Lease lease = TestRequests.acquired(store, TestRequests.hold(TestRequests.freshId()));
            assertThat(store.checkpoint(lease, "sent", TestRequests.result("0")))
                    .isInstanceOf(Applied.class);
            return () -> {
                assertThat(store.checkpoint(lease, "sent", TestRequests.result("1")))
                        .isInstanceOfAny(Applied.class, AlreadyApplied.class);
                assertThat(row(lease.id())).isEqualTo("IN_PROGRESS|1|3|null|null");
                assertThat(store.history(lease.id(), 10).checkpoints())
                        .extracting(Checkpoint::version, Checkpoint::value)
                        .containsExactly(tuple(3L, TestRequests.result("1")));
            };
        });
    }

    @ParameterizedTest
    @MethodSource("faults")
    @Rule(14)
    void aDecisionSurvivesEveryFault(Fault fault) {
        breakEveryCall(fault, () -> {
            Lease lease = TestRequests.acquired(store, TestRequests.hold(TestRequests.freshId()));
            assertThat(store.fail(lease, Failure.unknown("timeout", ""))).isInstanceOf(Applied.class);
            ResolveRequest request = TestRequests.decide(
                    store, lease.id(), new ResolveRequest.Verdict.Completed(TestRequests.result("paid")));
            return () -> {
                assertThat(store.resolve(request)).isInstanceOfAny(Resolved.class, AlreadyResolved.class);
                assertThat(row(lease.id())).isEqualTo("COMPLETED|1|3|text|null");
                assertThat(store.history(lease.id(), 10).entries())
                        .extracting(entry -> entry.before().version())
                        .containsExactly(2L);
            };
        });
    }

    /** Its rows would be written a second time, whatever the store remembers of its first try. */
    @ParameterizedTest
    @MethodSource("faults")
    @Rule({11, 14, 18})
    void aSuppliedResultSurvivesEveryFaultAndWritesNoRows(Fault fault) {
        Rows<Connection> none = new Rows<>(Connection.class, connection -> {
            throw new AssertionError("these rows were written with the completion");
        });
        breakEveryCall(fault, () -> {
            Lease lease = TestRequests.acquired(store, TestRequests.hold(TestRequests.freshId()));
            assertThat(store.complete(lease, Payload.unavailable(Failure.rejected("too-large", ""))))
                    .isInstanceOf(Applied.class);
            ResolveRequest request = TestRequests.decide(
                    store, lease.id(), new ResolveRequest.Verdict.Completed(TestRequests.result("paid")));
            return () -> {
                assertThat(store.resolve(request, none)).isInstanceOfAny(Resolved.class, AlreadyResolved.class);
                assertThat(row(lease.id())).isEqualTo("COMPLETED|1|3|text|null");
                assertThat(store.history(lease.id(), 10).entries()).hasSize(1);
            };
        });
    }

    @ParameterizedTest
    @MethodSource("faults")
    @Rule(14)
    void readsAndThePurgeSurviveEveryFault(Fault fault) {
        breakEveryCall(fault, () -> {
            Lease lease = TestRequests.acquired(store, TestRequests.hold(TestRequests.freshId()));
            assertThat(store.complete(lease, TestRequests.result("paid"))).isInstanceOf(Applied.class);
            return () -> {
                assertThat(store.peek(lease.id())).isPresent();
                assertThat(store.peekAll(List.of(lease.id(), TestRequests.freshId())))
                        .containsOnlyKeys(lease.id());
                assertThat(store.findUnfinished(Duration.ZERO, 10)).isEmpty();
                assertThat(store.scanUnfinished(Duration.ZERO, UnfinishedPage.START)
                                .records())
                        .isEmpty();
                assertThat(store.history(lease.id(), 10)).isEqualTo(KeyHistory.EMPTY);
            };
        });
        backend.advance(TestRequests.RETENTION);
        breakEveryCall(fault, () -> {
            Lease lease = TestRequests.acquired(store, TestRequests.hold(TestRequests.freshId()));
            assertThat(store.checkpoint(lease, "sent", TestRequests.result("1")))
                    .isInstanceOf(Applied.class);
            assertThat(store.complete(lease, TestRequests.result("paid"))).isInstanceOf(Applied.class);
            backend.advance(TestRequests.RETENTION);
            return () -> {
                int unused = store.purge(100_000);
                assertThat(backend.one("SELECT count(*) FROM tg_idempotency")).isEqualTo("0");
                assertThat(backend.one("SELECT count(*) FROM tg_idempotency_checkpoint"))
                        .isEqualTo("0");
            };
        });
    }

    /**
     * Prepares afresh and runs, with another call broken each time, until a run gets through without reaching the
     * fault.
     */
    private void breakEveryCall(Fault fault, Supplier<Runnable> scenario) {
        breakEveryCall(fault, false, scenario);
    }

    private void breakEveryCall(Fault fault, boolean mayKeepConnection, Supplier<Runnable> scenario) {
        Set<String> broken = new LinkedHashSet<>();
        for (int n = 0; n < MORE_THAN_ENOUGH; n++) {
            Runnable operation = scenario.get();
            Supplier<SQLException> error = fault.definite() ? backend::aborted : backend::brokenConnection;
            faults.arm(n, fault.moment(), error);
            try {
                operation.run();
            } catch (RuntimeException | AssertionError e) {
                throw new AssertionError("with call " + n + " broken, " + faults.disarm(), e);
            }
            String hit = faults.disarm();
            if (hit.isEmpty()) {
                assertThat(broken)
                        .as("calls that were broken")
                        .anyMatch(call -> call.endsWith("getConnection") || mayKeepConnection)
                        .anyMatch(call -> call.startsWith("PreparedStatement.execute"))
                        .anyMatch(call -> call.startsWith("PreparedStatement.set") || call.startsWith("ResultSet."));
                return;
            }
            broken.add(hit);
        }
        throw new AssertionError("the operation never ran without a fault");
    }

    /** The row; and, whatever broke on the way, the journal has one entry for each of its versions. */
    private String row(RecordId id) {
        assertThat(store.journal(id))
                .extracting(JournalEntry::version)
                .isEqualTo(
                        LongStream.rangeClosed(1, store.peek(id).orElseThrow().version())
                                .boxed()
                                .toList());
        return backend.one("SELECT status, fence, version, result_codec, failure_code FROM tg_idempotency"
                + " WHERE idempotency_key = '" + id.key() + "'");
    }
}
