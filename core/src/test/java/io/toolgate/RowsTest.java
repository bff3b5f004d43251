package io.toolgate;

import static io.toolgate.Gates.KEY;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.toolgate.Completion.By;
import io.toolgate.Outcome.Origin;
import io.toolgate.store.IdempotencyRecord;
import io.toolgate.store.RecordState;
import io.toolgate.store.StoreException;
import io.toolgate.store.contract.ModelConnection;
import io.toolgate.store.contract.ModelStore.Operation;
import io.toolgate.store.contract.Rule;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

/** Rows that belong to a result: there is a row exactly where there is a result, by whatever path it came. */
@SuppressWarnings("CheckReturnValue") // Much is done here for what it does to the record.
class RowsTest extends GateFixture {
    private static final Duration PAST_THE_LEASE = Duration.ofSeconds(31);

    private final ToolGate gate = gates.gate(store);
    private final AtomicBoolean rowsFail = new AtomicBoolean();
    private final List<Completion<String, String>> completions = new ArrayList<>();
    private final AtomicReference<Outcome<?>> staleOutcome = new AtomicReference<>();

    private PaidAction.Builder<String, String> storing(PaidAction.Builder<String, String> action) {
        return action.storing(ModelConnection.class, (connection, completion) -> {
            completions.add(completion);
            connection.write(completion.id().key() + " " + completion.result());
            if (rowsFail.get()) {
                throw new IllegalStateException("no such table: orders");
            }
        });
    }

    private void vanished() {
        claimElsewhere(KEY);
        other.advance(PAST_THE_LEASE);
    }

    private IdempotencyRecord stored() {
        return Objects.requireNonNull(store.stored(id));
    }

    private void assertOneRow(String result, By by, long number) {
        assertThat(gates.database.written()).containsExactly(KEY.value() + " " + result);
        assertThat(completions).last().isEqualTo(new Completion<>(id, number, null, result, by));
        assertThat(stored().state()).isEqualTo(RecordState.COMPLETED);
    }

    private void assertNeither() {
        assertThat(gates.database.written()).isEmpty();
        assertThat(stored().result()).isNull();
    }

    @Test
    @Rule(18)
    void aRunStoresItsRowsWithItsResultAndAReplayStoresNone() {
        PaidAction<String, String> action = storing(Gates.counting(runs)).build();
        assertThat(gate.execute(action, KEY, "in")).isEqualTo(new Outcome.Completed<>("receipt-1", Origin.EXECUTED));
        assertThat(gate.execute(action, KEY, "in")).isEqualTo(new Outcome.Completed<>("receipt-1", Origin.REPLAYED));
        assertOneRow("receipt-1", By.RUN, 1);
    }

    @Test
    @Rule(18)
    void aProbeOfACallStoresTheRowsThatTheVanishedOwnerDidNot() {
        vanished();
        PaidAction<String, String> action =
                storing(probing(ProbeResult.happened("found"))).build();
        assertThat(gate.execute(action, KEY, "in")).isEqualTo(new Outcome.Completed<>("found", Origin.RECOVERED));
        assertOneRow("found", By.PROBE, 2);
    }

    @Test
    @Rule(18)
    void aReconcilerStoresTheRowsToo() {
        vanished();
        PaidAction<String, String> action =
                storing(probing(ProbeResult.happened("found"))).build();
        assertThat(gate.reconcile(action).recovered()).isEqualTo(1);
        assertOneRow("found", By.PROBE, 2);
    }

    @Test
    @Rule(18)
    void anOperatorsDecisionStoresTheRowsToo() {
        vanished();
        PaidAction<String, String> action = storing(Gates.counting(runs)).build();
        assertThat(gate.execute(action, KEY, "in")).isInstanceOf(Outcome.InDoubt.class);
        rowsFail.set(true);
        assertThatThrownBy(() -> gate.resolve(action, KEY, 1, Resolution.completed("told"), "ann", "asked"))
                .isInstanceOf(StoreException.RowsFailed.class)
                .hasMessageContaining("no such table");
        assertNeither();
        assertThat(gate.history(action, KEY)).isEmpty();
        rowsFail.set(false);
        assertThat(gate.resolve(action, KEY, 1, Resolution.completed("told"), "ann", "asked")
                        .isApplied())
                .isTrue();
        assertOneRow("told", By.OPERATOR, 1);
    }

    @Test
    @Rule(18)
    void aLateResultOfARecordInDoubtStoresItsRows() throws Exception {
        Breakpoint running = new Breakpoint();
        CountDownLatch doubted = new CountDownLatch(1);
        ToolGate slowGate = gates.gate(ToolGate.on(store).listener(new ToolGateListener() {
            @Override
            public void inDoubt(Event event, Failure failure) {
                doubted.countDown();
            }
        }));
        PaidAction<String, String> action = storing(Gates.stoppingAt(running, "late"))
                .lease(Duration.ofMillis(30))
                .maxRunTime(Duration.ofMillis(30))
                .build();
        Future<Outcome<String>> slow = gates.start(() -> slowGate.execute(action, KEY, "in"));
        running.awaitReached();
        Gates.await(doubted);
        assertNeither();
        running.resume();
        assertThat(Gates.get(slow).valueOrThrow()).isEqualTo("late");
        assertOneRow("late", By.RUN, 1);
    }

    @Test
    @Rule(18)
    void aStaleOwnerStoresNoRows() throws Exception {
        Breakpoint running = new Breakpoint();
        PaidAction<String, String> action =
                storing(Gates.stoppingAt(running, "stale")).build();
        Future<Outcome<String>> stale = gates.start(() -> gate.execute(action, KEY, "in"));
        running.awaitReached();
        other.advance(PAST_THE_LEASE);
        PaidAction<String, String> elsewhere =
                storing(probing(ProbeResult.happened("found"))).build();
        gates.gate(other).execute(elsewhere, KEY, "in");
        running.resume();
        assertThat(Gates.get(stale)).isInstanceOf(Outcome.LeaseLost.class);
        assertOneRow("found", By.PROBE, 2);
    }

    @Test
    @Rule(18)
    void rowsThatFailLeaveNeitherRowNorResultAndADoubtThatSaysWhyUntilRecoveryWritesBoth() {
        rowsFail.set(true);
        PaidAction<String, String> action =
                storing(probing(ProbeResult.happened("found"))).build();
        assertThat(gate.execute(action, KEY, "in")).isInstanceOfSatisfying(Outcome.InDoubt.class, doubt -> {
            assertThat(doubt.failure().code()).isEqualTo(Failure.Codes.ROWS_FAILED);
            assertThat(doubt.failure().message()).contains("no such table: orders");
            assertThat(doubt.failure().cause()).isPresent();
        });
        assertNeither();
        assertThat(Objects.requireNonNull(stored().failure()).code()).isEqualTo(Failure.Codes.ROWS_FAILED);
        rowsFail.set(false);
        assertThat(gate.execute(action, KEY, "in")).isEqualTo(new Outcome.Completed<>("found", Origin.RECOVERED));
        assertOneRow("found", By.PROBE, 2);
        assertThat(runs).hasValue(1);
    }

    @Test
    @Rule(18)
    void rowsThatFailForAReconcilerAreTriedEverLaterAndAtLastLeftToAPerson() {
        rowsFail.set(true);
        vanished();
        PaidAction<String, String> action =
                storing(probing(ProbeResult.happened("found"))).build();
        try (Reconciler reconciler = Reconciler.on(gate)
                .action(action)
                .every(Duration.ofDays(1))
                .maxProbes(2)
                .start()) {
            reconciler.runOnce();
            assertThat(Objects.requireNonNull(stored().failure()).code()).isEqualTo(Failure.Codes.ROWS_FAILED);
            other.advance(Duration.ofHours(1));
            reconciler.runOnce();
            assertThat(stored().failure()).satisfies(failure -> {
                assertThat(failure.code()).isEqualTo(Failure.Codes.QUARANTINED);
                assertThat(failure.message()).contains("rows", "no such table");
            });
        }
        assertNeither();
    }

    @Test
    @Rule(18)
    void rowsOfACompletionWhoseAnswerIsLostAreStoredOnce() {
        store.hooks().loseAnswer(Operation.COMPLETE, 1);
        PaidAction<String, String> action =
                storing(probing(ProbeResult.happened("found"))).build();
        assertThatThrownBy(() -> gate.execute(action, KEY, "in")).isInstanceOf(ToolGateException.ResultNotStored.class);
        assertThat(gate.execute(action, KEY, "in")).isEqualTo(new Outcome.Completed<>("receipt-1", Origin.REPLAYED));
        assertOneRow("receipt-1", By.RUN, 1);
    }

    @Test
    @Rule(18)
    void aResultThatCannotBeEncodedStillHasItsRows() {
        PaidAction<String, String> action =
                storing(Gates.counting(runs)).maxResultBytes(3).build();
        assertThat(gate.execute(action, KEY, "in")).isInstanceOf(Outcome.Unavailable.class);
        assertOneRow("receipt-1", By.RUN, 1);
    }

    @Test
    @Rule({11, 18})
    void aResultThatAnOperatorSuppliesHasTheRowsOfItsRunAndNoOthers() {
        PaidAction<String, String> action =
                storing(Gates.counting(runs)).maxResultBytes(3).build();
        assertThat(gate.execute(action, KEY, "in")).isInstanceOf(Outcome.Unavailable.class);
        assertThat(gate.resolve(action, KEY, 1, Resolution.completed("r-1"), "ann", "asked")
                        .isApplied())
                .isTrue();
        assertOneRow("receipt-1", By.RUN, 1);
        assertThat(gate.execute(action, KEY, "in")).isEqualTo(new Outcome.Completed<>("r-1", Origin.REPLAYED));
        assertThat(runs).hasValue(1);
    }

    @Test
    @Rule(18)
    void anActionWhoseRowsTheStoreCannotWriteIsRefusedBeforeItRuns() {
        PaidAction<String, String> action = Gates.counting(runs)
                .storing(StringBuilder.class, (builder, completion) -> builder.append(completion.result()))
                .build();
        assertThatThrownBy(() -> gate.execute(action, KEY, "in"))
                .isInstanceOf(StoreException.Misconfigured.class)
                .hasMessageContainingAll("java.lang.StringBuilder", "does not offer", "Nothing was run");
        assertThat(gate.executeAsync(action, KEY, "in")).isCompletedExceptionally();
        assertThatThrownBy(() -> gate.reconcile(action)).isInstanceOf(StoreException.Misconfigured.class);
        assertThatThrownBy(() -> gate.resolve(action, KEY, 1, Resolution.retry(), "ann", "asked"))
                .isInstanceOf(StoreException.Misconfigured.class);
        assertThatThrownBy(() -> Reconciler.on(gate).action(action).start())
                .isInstanceOf(StoreException.Misconfigured.class);
        assertThat(runs).hasValue(0);
        assertThat(store.stored(id)).isNull();
    }

    @Test
    @Rule(18)
    void aRunThatCompletesInATransactionOfItsOwnStoresTheDeclaredRowsThere() {
        PaidAction<String, String> action = storing(Gates.action((input, attempt) -> {
                    ModelConnection connection = new ModelConnection();
                    connection.write("own");
                    return attempt.completeIn(connection, "receipt");
                }))
                .build();
        assertThat(gate.execute(action, KEY, "in")).isEqualTo(new Outcome.Completed<>("receipt", Origin.EXECUTED));
        assertThat(gates.database.written()).containsExactly("own", KEY.value() + " receipt");
        assertThat(completions).hasSize(1);
    }

    @Test
    @Rule(18)
    void aProbeMayCompleteInATransactionOfItsOwn() {
        vanished();
        PaidAction<String, String> action = storing(Gates.counting(runs))
                .recovery(Recovery.probe(
                        attempt -> ProbeResult.happened(attempt.completeIn(new ModelConnection(), "found"))))
                .build();
        assertThat(gate.execute(action, KEY, "in")).isEqualTo(new Outcome.Completed<>("found", Origin.RECOVERED));
        assertOneRow("found", By.PROBE, 2);
        assertThat(store.hooks().calls(Operation.CHECKPOINT))
                .as("notes of the answer, for which a completed record has no room")
                .isZero();
    }

    @Test
    @Rule(2)
    void aRunThatFailsAfterItCompletedItsRecordIsGivenTheStoredResult() {
        PaidAction<String, String> action = Gates.action((input, attempt) -> {
                    attempt.completeIn(new ModelConnection(), "receipt");
                    throw new IllegalStateException("the mail could not be sent");
                })
                .classify(Failure::notExecuted)
                .build();
        assertThat(gate.execute(action, KEY, "in")).isEqualTo(new Outcome.Completed<>("receipt", Origin.EXECUTED));
        assertThat(gate.execute(action, KEY, "in")).isEqualTo(new Outcome.Completed<>("receipt", Origin.REPLAYED));
    }

    @Test
    @Rule(2)
    void theStoredResultStandsWhereARunReturnsAnotherOne() {
        PaidAction<String, String> action = Gates.action((input, attempt) -> {
                    attempt.completeIn(new ModelConnection(), "stored");
                    return "returned";
                })
                .build();
        assertThat(gate.execute(action, KEY, "in")).isEqualTo(new Outcome.Completed<>("stored", Origin.EXECUTED));
    }

    @Test
    @Rule(4)
    void aStaleOwnerIsToldSoInItsOwnTransaction() {
        PaidAction<String, String> action = Gates.action((input, attempt) -> {
                    other.advance(PAST_THE_LEASE);
                    PaidAction<String, String> probing =
                            probing(ProbeResult.happened("found")).build();
                    staleOutcome.set(gates.gate(other).execute(probing, KEY, "in"));
                    return attempt.completeIn(new ModelConnection(), "stale");
                })
                .build();
        assertThat(gate.execute(action, KEY, "in")).isInstanceOf(Outcome.LeaseLost.class);
        assertThat(staleOutcome.get()).isEqualTo(new Outcome.Completed<>("found", Origin.RECOVERED));
        assertThat(gates.database.written()).isEmpty();
    }
}
