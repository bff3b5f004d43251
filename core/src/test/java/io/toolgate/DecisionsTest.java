package io.toolgate;

import static io.toolgate.Gates.KEY;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.toolgate.Outcome.Origin;
import io.toolgate.store.ClaimMachine;
import io.toolgate.store.KeyHistory.Decision;
import io.toolgate.store.Lease;
import io.toolgate.store.Payload;
import io.toolgate.store.RecordState;
import io.toolgate.store.ResolveOutcome.RefusalReason;
import io.toolgate.store.ResolveRequest;
import io.toolgate.store.TransitionOutcome;
import io.toolgate.store.contract.ModelStore.Operation;
import io.toolgate.store.contract.Rule;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

/** Decisions of operators: retiring finished records, and resolving doubts. */
class DecisionsTest extends GateFixture {
    private final ToolGate gate = gates.gate(store);
    private final List<String> providerKeys = new ArrayList<>();
    private final List<Long> numbers = new ArrayList<>();
    private final PaidAction<String, String> action = Gates.action((input, attempt) -> {
                providerKeys.add(attempt.providerKey());
                numbers.add(attempt.number());
                return input + "-" + runs.incrementAndGet();
            })
            .build();

    private RefusalReason refusal(DecisionOutcome<String> decided) {
        return decided.fold(applied -> null, (why, current) -> why);
    }

    @Test
    @Rule(2)
    void aRetiredKeyBeginsAnewWithWhateverInputAndKeepsTheEndedRecordAsHistory() {
        assertThat(gate.execute(action, KEY, "first").valueOrThrow()).isEqualTo("first-1");
        assertThat(gate.retire(action, KEY, "refunded").isApplied()).isTrue();
        assertThat(gate.find(action, KEY)).containsInstanceOf(Outcome.Retryable.class);

        assertThat(gate.execute(action, KEY, "second").valueOrThrow()).isEqualTo("second-2");
        assertThat(gate.execute(action, KEY, "second")).isEqualTo(new Outcome.Completed<>("second-2", Origin.REPLAYED));
        assertThat(gate.execute(action, KEY, "first")).isInstanceOf(Outcome.KeyConflict.class);

        assertThat(numbers).as("fences after the retirement").containsExactly(1L, 2L);
        assertThat(providerKeys)
                .as("provider keys; a provider that dedupes would repeat the old effect for an equal one")
                .doesNotHaveDuplicates();
        assertThat(gate.history(action, KEY)).singleElement().satisfies(entry -> {
            assertThat(entry.outcome()).isEqualTo(new Outcome.Completed<>("first-1", Origin.REPLAYED));
            assertThat(entry.number()).isEqualTo(1);
            assertThat(entry.decision()).isEqualTo(Decision.RETIRED);
            assertThat(entry.reason()).isEqualTo("refunded");
            assertThat(entry.operator()).startsWith("pid ");
        });
    }

    @Test
    @Rule(5)
    void theProviderKeyStaysTheSameOverTheAttemptsOfOneLife() {
        PaidAction<String, String> failing = Gates.action((input, attempt) -> {
                    providerKeys.add(attempt.providerKey());
                    if (runs.incrementAndGet() % 2 == 1) {
                        throw new IllegalStateException("no effect");
                    }
                    return "done";
                })
                .classify(Failure::notExecuted)
                .build();
        assertThat(gate.execute(failing, KEY, "in")).isInstanceOf(Outcome.Retryable.class);
        store.advance(ClaimMachine.pauseAfter(1));
        assertThat(gate.execute(failing, KEY, "in").isCompleted()).isTrue();
        assertThat(gate.retire(failing, KEY, "again").isApplied()).isTrue();
        assertThat(gate.execute(failing, KEY, "in")).isInstanceOf(Outcome.Retryable.class);
        store.advance(ClaimMachine.pauseAfter(1));
        assertThat(gate.execute(failing, KEY, "in").isCompleted()).isTrue();
        assertThat(providerKeys).hasSize(4);
        assertThat(providerKeys.get(0)).isEqualTo(providerKeys.get(1)).isNotEqualTo(providerKeys.get(2));
        assertThat(providerKeys.get(2)).isEqualTo(providerKeys.get(3));
    }

    @Test
    @Rule(5)
    void rerunsCountFromTheLastRetirementToo() {
        PaidAction<String, String> rerun = Gates.action((input, attempt) -> {
                    if (runs.incrementAndGet() == 2) {
                        throw new IllegalStateException("who knows");
                    }
                    return "done";
                })
                .recovery(Recovery.rerun())
                .maxAttempts(2)
                .build();
        assertThat(gate.execute(rerun, KEY, "in").isCompleted()).isTrue();
        assertThat(gate.retire(rerun, KEY, "again").isApplied()).isTrue();
        assertThat(gate.execute(rerun, KEY, "in")).isEqualTo(new Outcome.Completed<>("done", Origin.EXECUTED));
        assertThat(runs).hasValue(3);
    }

    @Test
    void whatIsNotFinishedIsNotRetired() {
        assertThat(refusal(gate.retire(action, KEY, "why"))).isEqualTo(RefusalReason.ABSENT);
        claimElsewhere(KEY);
        DecisionOutcome<String> refused = gate.retire(action, KEY, "why");
        assertThat(refusal(refused)).isEqualTo(RefusalReason.NOT_FINISHED);
        assertThat(refused.<Object>fold(applied -> applied, (why, current) -> current.orElseThrow()))
                .isInstanceOf(Outcome.InProgress.class);
        assertThat(gate.history(action, KEY)).isEmpty();
    }

    @Test
    void aRecordThatChangesDuringARetirementIsReadAgain() {
        assertThat(gate.execute(action, KEY, "in").isCompleted()).isTrue();
        ToolGate elsewhere = gates.gate(other);
        // Race: another process retires it, and a call runs it again, between the read and the decision.
        store.hooks().before(Operation.RESOLVE, request -> {
            store.hooks().before(Operation.RESOLVE, null);
            assertThat(elsewhere.retire(action, KEY, "theirs").isApplied()).isTrue();
            assertThat(elsewhere.execute(action, KEY, "in").isCompleted()).isTrue();
        });
        assertThat(gate.retire(action, KEY, "ours").isApplied()).isTrue();
        assertThat(gate.history(action, KEY)).extracting(HistoryEntry::reason).containsExactly("theirs", "ours");
    }

    @Test
    @Rule(2)
    void aWaiterOfARetiredKeyStartsANewRun() throws Exception {
        assertThat(gate.execute(action, KEY, "in").isCompleted()).isTrue();
        assertThat(gate.retire(action, KEY, "again").isApplied()).isTrue();
        assertThat(gates.together(8, () -> gate.execute(action, KEY, "other").valueOrThrow()))
                .containsOnly("other-2");
    }

    private Lease doubt() {
        Lease vanished = claimElsewhere(KEY);
        store.advance(Duration.ofSeconds(31));
        assertThat(gate.execute(action, KEY, "in")).isInstanceOf(Outcome.InDoubt.class);
        return vanished;
    }

    @Test
    @Rule(6)
    void anOwnerIsRefusedOnceItsDoubtIsResolved() {
        Lease vanished = doubt();
        DecisionOutcome<String> decided =
                gate.resolve(action, KEY, 1, Resolution.completed("found"), "alice", "seen in the ledger");
        assertThat(decided.isApplied()).isTrue();
        assertThat(gate.execute(action, KEY, "in")).isEqualTo(new Outcome.Completed<>("found", Origin.REPLAYED));
        assertThat(other.complete(vanished, Payload.of("text/1", "late".getBytes(StandardCharsets.UTF_8))))
                .isInstanceOf(TransitionOutcome.LeaseLost.class);
        assertThat(runs).hasValue(0);
        assertThat(gate.history(action, KEY)).singleElement().satisfies(entry -> {
            assertThat(entry.decision()).isEqualTo(Decision.COMPLETED);
            assertThat(entry.operator()).isEqualTo("alice");
            assertThat(entry.outcome()).isInstanceOf(Outcome.InDoubt.class);
        });
    }

    @Test
    void aDoubtIsRejectedOrReleased() {
        Lease unused = doubt();
        assertThat(gate.resolve(action, KEY, 1, Resolution.rejected("void", "never charged"), "alice", "called them")
                        .isApplied())
                .isTrue();
        assertThat(gate.execute(action, KEY, "in"))
                .isInstanceOfSatisfying(
                        Outcome.Rejected.class,
                        rejected -> assertThat(rejected.failure().code()).isEqualTo("void"));
        assertThat(gate.retire(action, KEY, "again").isApplied()).isTrue();
        assertThat(gate.execute(action, KEY, "in").isCompleted()).isTrue();

        IdempotencyKey second = IdempotencyKey.of("order-982");
        Lease vanished = claimElsewhere(second);
        store.advance(Duration.ofSeconds(31));
        assertThat(gate.resolve(action, second, vanished.fence(), Resolution.retry(), "alice", "they never saw it")
                        .isApplied())
                .as("an expired lease is a doubt, too")
                .isTrue();
        assertThat(gate.execute(action, second, "in").isCompleted()).isTrue();
    }

    @Test
    @Rule(4)
    void aStaleFenceALiveRunAndAFinishedKeyAreRefusedAndNothingChanges() {
        assertThat(refusal(gate.resolve(action, KEY, 1, Resolution.retry(), "alice", "why")))
                .isEqualTo(RefusalReason.ABSENT);
        Lease live = claimElsewhere(KEY);
        assertThat(refusal(gate.resolve(action, KEY, 1, Resolution.retry(), "alice", "why")))
                .isEqualTo(RefusalReason.RUNNING);
        assertThat(refusal(gate.resolve(action, KEY, 2, Resolution.retry(), "alice", "why")))
                .isEqualTo(RefusalReason.MOVED);
        assertThat(other.complete(live, Payload.of("text/1", "done".getBytes(StandardCharsets.UTF_8))))
                .isInstanceOf(TransitionOutcome.Applied.class);
        assertThat(refusal(gate.resolve(action, KEY, 1, Resolution.completed("x"), "alice", "why")))
                .isEqualTo(RefusalReason.FINISHED);
        assertThat(Objects.requireNonNull(store.stored(id)).state()).isEqualTo(RecordState.COMPLETED);
        assertThat(gate.history(action, KEY)).isEmpty();
    }

    @Test
    @Rule(4)
    void aLateResultThatIsStoredFirstRefusesTheDecision() {
        Lease vanished = doubt();
        store.hooks()
                .before(
                        Operation.RESOLVE,
                        request -> assertThat(other.complete(
                                        vanished, Payload.of("text/1", "late".getBytes(StandardCharsets.UTF_8))))
                                .isInstanceOf(TransitionOutcome.Applied.class));
        assertThat(refusal(gate.resolve(action, KEY, 1, Resolution.retry(), "alice", "why")))
                .isEqualTo(RefusalReason.MOVED);
        assertThat(gate.execute(action, KEY, "in")).isEqualTo(new Outcome.Completed<>("late", Origin.REPLAYED));
    }

    /** Runs an action whose result has more bytes than it allows. */
    private void loseTheResult() {
        PaidAction<String, String> small = Gates.action((input, attempt) -> "receipt-" + runs.incrementAndGet())
                .maxResultBytes(3)
                .build();
        assertThat(gate.execute(small, KEY, "in")).isInstanceOf(Outcome.Unavailable.class);
    }

    @Test
    @Rule({2, 11})
    void aResultThatWasLostIsSuppliedAndEveryCallerIsGivenIt() {
        loseTheResult();
        List<Long> watched = new CopyOnWriteArrayList<>();
        ToolGate elsewhere = gates.gate(other);
        try (Watch watch = elsewhere.watch(action, KEY, progress -> watched.add(progress.version()))) {
            Awaitility.await().until(() -> watched.contains(2L));
            assertThat(elsewhere.execute(action, KEY, "in")).isInstanceOf(Outcome.Unavailable.class);
            assertThat(gate.resolve(action, KEY, 1, Resolution.completed("receipt-1"), "alice", "seen in the ledger")
                            .isApplied())
                    .isTrue();
            Awaitility.await().until(() -> watched.contains(3L));
        }
        for (ToolGate each : List.of(gate, elsewhere)) {
            assertThat(each.execute(action, KEY, "in"))
                    .isEqualTo(new Outcome.Completed<>("receipt-1", Origin.REPLAYED));
            assertThat(each.execute(action, KEY, "other")).isInstanceOf(Outcome.KeyConflict.class);
        }
        assertThat(runs).hasValue(1);
        assertThat(gate.history(action, KEY)).singleElement().satisfies(entry -> {
            assertThat(entry.decision()).isEqualTo(Decision.COMPLETED);
            assertThat(entry.operator()).isEqualTo("alice");
            assertThat(entry.reason()).isEqualTo("seen in the ledger");
            assertThat(entry.outcome())
                    .isInstanceOfSatisfying(
                            Outcome.Unavailable.class,
                            lost -> assertThat(lost.reason().code()).isEqualTo(Failure.Codes.RESULT_TOO_LARGE));
        });
        assertThat(message(gate.resolve(action, KEY, 1, Resolution.completed("receipt-2"), "bob", "why")))
                .contains("a finished record never changes", "retire it");
    }

    @Test
    @Rule({2, 11})
    void aRecordWithoutItsResultIsGivenNoOtherVerdict() {
        loseTheResult();
        for (Resolution<String> verdict :
                List.of(Resolution.<String>retry(), Resolution.<String>rejected("no", "never"))) {
            DecisionOutcome<String> refused = gate.resolve(action, KEY, 1, verdict, "alice", "why");
            assertThat(refusal(refused)).isEqualTo(RefusalReason.RESULT_UNAVAILABLE);
            assertThat(message(refused))
                    .contains("its effect happened", "result-too-large", "Resolution.completed", "retire");
        }
        assertThat(refusal(gate.resolve(action, KEY, 2, Resolution.completed("r"), "alice", "why")))
                .isEqualTo(RefusalReason.MOVED);
        assertThat(gate.history(action, KEY)).isEmpty();
        assertThat(gate.retire(action, KEY, "run it again").isApplied()).isTrue();
        assertThat(gate.execute(action, KEY, "in").isCompleted()).isTrue();
        assertThat(runs).hasValue(2);
    }

    @Test
    @Rule(2)
    void aStoredResultThatTheCodecCannotReadIsNotReplaced() {
        assertThat(gate.execute(action, KEY, "in").valueOrThrow()).isEqualTo("in-1");
        PaidAction<String, String> newer = Gates.action((input, attempt) -> "never")
                .codec(new TestCodec<>("text/2", String::getBytes, String::new))
                .build();
        assertThat(gate.execute(newer, KEY, "in")).isInstanceOf(Outcome.Unavailable.class);
        DecisionOutcome<String> refused = gate.resolve(newer, KEY, 1, Resolution.completed("mine"), "alice", "why");
        assertThat(refusal(refused)).isEqualTo(RefusalReason.FINISHED);
        assertThat(message(refused))
                .contains("not replaced", "result-not-decodable", "text/1", "others may have been given it", "reads");
        assertThat(gate.execute(action, KEY, "in").valueOrThrow()).isEqualTo("in-1");
    }

    private static String message(DecisionOutcome<String> decided) {
        return ((DecisionOutcome.Refused<String>) decided).message();
    }

    @Test
    void everyRefusalSaysWhyAndWhatToDo() {
        for (RefusalReason reason : RefusalReason.values()) {
            assertThat(new DecisionOutcome.Refused<>(reason, Optional.empty()).message())
                    .as("%s", reason)
                    .contains(": ")
                    .doesNotContain("null");
        }
    }

    @Test
    void invalidArgumentsAreRefusedWithoutACallToTheStore() {
        Lease unused = doubt();
        PaidAction<String, String> small =
                Gates.action((input, attempt) -> "never").maxResultBytes(3).build();
        assertThatThrownBy(() -> gate.resolve(small, KEY, 1, Resolution.completed("four"), "alice", "why"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("4 bytes")
                .hasMessageContaining("nothing was changed");
        assertThatThrownBy(() -> gate.resolve(action, KEY, 1, Resolution.retry(), " ", "why"))
                .hasMessageContaining("operator is blank");
        assertThatThrownBy(() -> gate.resolve(action, KEY, 1, Resolution.retry(), "alice", ""))
                .hasMessageContaining("reason is blank");
        assertThatThrownBy(() -> Resolution.rejected("toolgate:mine", "no"))
                .hasMessageContaining("reserved for the library");
        assertThatThrownBy(() -> new ResolveRequest.Verdict.Rejected(Failure.unknown("odd", "no")))
                .hasMessageContaining("UNKNOWN");
        assertThat(Objects.requireNonNull(store.stored(id)).state()).isEqualTo(RecordState.IN_DOUBT);
    }

    @Test
    void theListenerIsNotifiedOfADecisionWithItsOperator() {
        List<String> events = new ArrayList<>();
        ToolGate listening = gates.gate(ToolGate.on(store).owner("billing-1").listener(new ToolGateListener() {
            @Override
            public void decided(Event event, Decision decision, String operator) {
                events.add(decision + " by " + operator + " " + event.fence() + "/" + event.version());
            }
        }));
        assertThat(listening.execute(action, KEY, "in").isCompleted()).isTrue();
        assertThat(listening.retire(action, KEY, "why").isApplied()).isTrue();
        assertThat(events).containsExactly("RETIRED by billing-1 1/3");
    }
}
