package io.toolgate;

import static io.toolgate.Gates.KEY;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.toolgate.Outcome.Origin;
import io.toolgate.store.ClaimMachine;
import io.toolgate.store.IdempotencyRecord;
import io.toolgate.store.Lease;
import io.toolgate.store.Payload;
import io.toolgate.store.RecordState;
import io.toolgate.store.TransitionOutcome;
import io.toolgate.store.contract.ModelStore.Operation;
import io.toolgate.store.contract.Records;
import io.toolgate.store.contract.Rule;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Calls of {@code execute}, one at a time. */
@SuppressWarnings("CheckReturnValue") // Much is done here for what it does to the record.
class ExecuteTest extends GateFixture {
    private final ToolGate gate = gates.gate(store);

    @Test
    @Rule(2)
    void theSecondCallIsGivenTheFirstOnesResult() {
        PaidAction<String, String> action = Gates.counting(runs).build();
        assertThat(gate.execute(action, KEY, "in")).isEqualTo(new Outcome.Completed<>("receipt-1", Origin.EXECUTED));
        assertThat(gate.execute(action, KEY, "in")).isEqualTo(new Outcome.Completed<>("receipt-1", Origin.REPLAYED));
        assertThat(runs).hasValue(1);
    }

    @Test
    void anUncontendedRunIsOneClaimAndOneCompletionAndAReplayOneClaim() {
        PaidAction<String, String> action = Gates.counting(runs).build();
        assertThat(gate.execute(action, KEY, "in").isCompleted()).isTrue();
        assertThat(store.hooks().calls()).isEqualTo(2);
        assertThat(gate.execute(action, KEY, "in").isCompleted()).isTrue();
        assertThat(store.hooks().calls()).isEqualTo(3);
        assertThat(store.hooks().calls(Operation.CLAIM)).isEqualTo(2);
    }

    @Test
    void differentKeysTenantsAndActionsRunApart() {
        PaidAction<String, String> action = Gates.counting(runs).build();
        PaidAction<String, String> other = PaidAction.<String, String>named("refund-card")
                .run((input, attempt) -> "refund-" + runs.incrementAndGet())
                .codec(ResultCodec.text())
                .build();
        assertThat(gate.execute(action, IdempotencyKey.of("a", "1"), "in").isCompleted())
                .isTrue();
        assertThat(gate.execute(action, IdempotencyKey.of("a", "2"), "in").isCompleted())
                .isTrue();
        assertThat(gate.execute(action, IdempotencyKey.of("b", "1"), "in").isCompleted())
                .isTrue();
        assertThat(gate.execute(other, IdempotencyKey.of("a", "1"), "in").isCompleted())
                .isTrue();
        assertThat(runs).hasValue(4);
    }

    @Test
    void theShortFormStoresText() {
        assertThat(gate.execute("charge-card", KEY, () -> "receipt-" + runs.incrementAndGet())
                        .valueOrThrow())
                .isEqualTo("receipt-1");
        assertThat(gate.execute("charge-card", KEY, () -> "receipt-" + runs.incrementAndGet())
                        .valueOrThrow())
                .isEqualTo("receipt-1");
    }

    @Test
    void theAttemptKnowsItsKeyNumberFenceAndProviderKey() {
        AtomicReference<String> seen = new AtomicReference<>();
        PaidAction<String, String> action = Gates.action((input, attempt) -> {
                    seen.set(attempt.tenant() + "|" + attempt.action() + "|" + attempt.key() + "|" + attempt.number()
                            + "|" + attempt.providerKey());
                    assertThat(attempt.isOwner()).isTrue();
                    assertThat(attempt.remaining()).isPositive().isLessThanOrEqualTo(Duration.ofSeconds(30));
                    attempt.ensureOwner();
                    return "r";
                })
                .build();
        assertThat(gate.execute(action, KEY, "in").isCompleted()).isTrue();
        assertThat(seen.get()).isEqualTo("tenant|charge-card|order-981|1|" + id.providerKey());
    }

    @Test
    @Rule(2)
    void aRejectionIsReplayedLikeAResult() {
        PaidAction<String, String> action = Gates.action((input, attempt) -> {
                    runs.incrementAndGet();
                    throw new IllegalStateException("no funds");
                })
                .classify(e -> Failure.rejected("declined", e.getMessage()))
                .build();
        Failure declined = Failure.rejected("declined", "no funds");
        assertThat(gate.execute(action, KEY, "in")).isEqualTo(new Outcome.Rejected<>(declined, Origin.EXECUTED));
        assertThat(gate.execute(action, KEY, "in")).isEqualTo(new Outcome.Rejected<>(declined, Origin.REPLAYED));
        assertThat(runs).hasValue(1);
    }

    @Test
    void aRunThatWasNotExecutedReleasesItsKey() {
        PaidAction<String, String> action = Gates.action((input, attempt) -> {
                    if (runs.incrementAndGet() == 1) {
                        throw new java.net.ConnectException("refused");
                    }
                    return "attempt " + attempt.number();
                })
                .classify(Failure::notExecuted)
                .build();
        Outcome<String> first = gate.execute(action, KEY, "in");
        assertThat(first).isInstanceOf(Outcome.Retryable.class);
        assertThatThrownBy(first::valueOrThrow)
                .isInstanceOf(ToolGateException.Retryable.class)
                .hasRootCauseInstanceOf(java.net.ConnectException.class)
                .hasMessageContaining("Call again with the same key");
        store.advance(ClaimMachine.pauseAfter(1));
        assertThat(gate.execute(action, KEY, "in").valueOrThrow()).isEqualTo("attempt 2");
    }

    /** An action whose runs all fail before the effect. */
    private PaidAction.Builder<String, String> refused() {
        return Gates.action((input, attempt) -> {
                    runs.incrementAndGet();
                    throw new java.net.ConnectException("refused");
                })
                .classify(Failure::notExecuted);
    }

    @Test
    @Rule({15, 16})
    void attemptsThatFailBeforeTheEffectNeverUseAKeyUp() {
        PaidAction<String, String> action = refused().maxAttempts(1).build();
        ToolGate gate = gate(0);
        for (int i = 1; i <= 20; i++) {
            assertThat(gate.execute(action, KEY, "in")).isInstanceOf(Outcome.Retryable.class);
            assertThat(runs).hasValue(i);
            store.advance(ClaimMachine.pauseAfter(i));
        }
        assertThat(ClaimMachine.pauseAfter(20)).isEqualTo(Duration.ofSeconds(30));
        assertThat(gate.execute(Gates.counting(runs).build(), KEY, "in").isCompleted())
                .isTrue();
    }

    @Test
    @Rule(16)
    void aCallWithinThePauseRunsNothingAndIsToldWhenToRetry() {
        ToolGate gate = gate(0);
        for (int i = 1; i <= 5; i++) {
            store.advance(ClaimMachine.pauseAfter(i));
            assertThat(gate.execute(refused().build(), KEY, "in")).isInstanceOf(Outcome.Retryable.class);
        }
        Outcome<String> paused = gate.execute(Gates.counting(runs).build(), KEY, "in");
        assertThat(paused)
                .isInstanceOfSatisfying(
                        Outcome.Retryable.class,
                        retryable -> assertThat(retryable.retryAfter())
                                .as("1.6 s, in whole seconds")
                                .isEqualTo(Duration.ofSeconds(2)));
        assertThatThrownBy(paused::valueOrThrow).hasMessageContaining("Call again with the same key in 2 s");
        assertThat(runs).hasValue(5);
    }

    @Test
    @Rule(5)
    void anUnclassifiedFailureIsInDoubtAndHeld() {
        PaidAction<String, String> action = timingOut().build();
        Outcome<String> first = gate.execute(action, KEY, "in");
        assertThat(first).isInstanceOf(Outcome.InDoubt.class);
        assertThatThrownBy(first::valueOrThrow)
                .isInstanceOf(ToolGateException.InDoubt.class)
                .hasMessageContaining("read timed out")
                .hasMessageContaining("It will not run again by itself")
                .hasCauseInstanceOf(java.net.SocketTimeoutException.class);
        assertThat(gate.execute(action, KEY, "in")).isInstanceOf(Outcome.InDoubt.class);
        assertThat(runs).hasValue(1);
    }

    @Test
    @Rule(5)
    void aClassifierThatThrowsOrReturnsNullLeavesTheEffectUnknown() {
        PaidAction.Builder<String, String> broken = Gates.action((input, attempt) -> {
            throw new IllegalStateException("from the run");
        });
        assertThat(gate.execute(
                        broken.classify(e -> {
                                    throw new IllegalArgumentException("from the classifier");
                                })
                                .build(),
                        IdempotencyKey.of("1"),
                        "in"))
                .isInstanceOfSatisfying(
                        Outcome.InDoubt.class,
                        doubt -> assertThat(doubt.failure().toString()).contains("from the run"));
        assertThat(gate.execute(broken.classify(e -> null).build(), IdempotencyKey.of("2"), "in"))
                .isInstanceOf(Outcome.InDoubt.class);
    }

    @Test
    @Rule(5)
    void anErrorIsRecordedAsADoubtAndRethrown() {
        PaidAction<String, String> action = Gates.action((input, attempt) -> {
                    throw new OutOfMemoryError("on purpose");
                })
                .recovery(Recovery.rerun())
                .build();
        assertThatThrownBy(() -> gate.execute(action, KEY, "in")).isInstanceOf(OutOfMemoryError.class);
        assertThat(store.stored(id).state()).isEqualTo(RecordState.IN_DOUBT);
    }

    // Same key, other input

    @ParameterizedTest
    @EnumSource(RecordState.class)
    @Rule(9)
    void anotherInputIsAConflictInEveryState(RecordState state) {
        PaidAction<String, String> action = Gates.counting(runs).build();
        assertThat(gate.execute(action, KEY, "in").isCompleted()).isTrue();
        IdempotencyRecord record = inState(store.stored(id), state);
        store.database().put(record);

        Outcome<String> other = gate.execute(action, KEY, "other");

        assertThat(other)
                .isInstanceOfSatisfying(
                        Outcome.KeyConflict.class,
                        conflict -> assertThat(conflict.state()).isEqualTo(state));
        assertThatThrownBy(other::valueOrThrow)
                .isInstanceOf(ToolGateException.KeyConflict.class)
                .hasMessageContaining("belongs to another input")
                .hasMessageContaining("Use a new key");
        assertThat(store.stored(id)).isEqualTo(record);
        assertThat(runs).hasValue(1);
    }

    private static IdempotencyRecord inState(IdempotencyRecord r, RecordState state) {
        Failure failure = switch (state) {
            case REJECTED -> Failure.rejected("c", "m");
            case RETRYABLE -> Failure.notExecuted("c", "m");
            case IN_DOUBT -> Failure.unknown("c", "m");
            case IN_PROGRESS, COMPLETED -> null;
        };
        return Records.withState(r, state, state == RecordState.COMPLETED ? r.result() : null, failure);
    }

    @Test
    void aFingerprintThatThrowsKeepsTheCallFromStarting() {
        PaidAction<String, String> action = Gates.counting(runs)
                .fingerprint(input -> {
                    throw new java.io.IOException("no fingerprint");
                })
                .build();
        assertThatThrownBy(() -> gate.execute(action, KEY, "in"))
                .isInstanceOf(ToolGateException.NotExecuted.class)
                .hasMessageContaining("fingerprint")
                .hasMessageContaining("did not run the action");
        assertThat(store.hooks().calls()).isZero();
    }

    // Reading

    @Test
    void findReadsOnceAndRunsNothing() {
        PaidAction<String, String> action = Gates.counting(runs).build();
        assertThat(gate.find(action, KEY)).isEmpty();
        assertThat(gate.execute(action, KEY, "in").isCompleted()).isTrue();
        long calls = store.hooks().calls();
        assertThat(gate.find(action, KEY)).contains(new Outcome.Completed<>("receipt-1", Origin.REPLAYED));
        assertThat(store.hooks().calls()).isEqualTo(calls + 1);
        for (RecordState state : RecordState.values()) {
            store.database()
                    .put(inState(store.stored(id), state == RecordState.COMPLETED ? RecordState.REJECTED : state));
            assertThat(gate.find(action, KEY)).isPresent();
        }
        assertThat(runs).hasValue(1);
    }

    // Invalid arguments

    @Test
    void refusesNullAndNegativeSettings() {
        PaidAction<String, String> action = Gates.counting(runs).build();
        assertThatThrownBy(() -> gate.execute((PaidAction<String, String>) null, KEY, "in"))
                .isInstanceOf(NullPointerException.class)
                .hasMessageContaining("action is null");
        assertThatThrownBy(() -> gate.execute(action, null, "in"))
                .isInstanceOf(NullPointerException.class)
                .hasMessageContaining("key is null");
        assertThatThrownBy(() -> gate.execute("a", KEY, null)).isInstanceOf(NullPointerException.class);
        assertThatThrownBy(() -> gate.execute(" ", KEY, () -> "x")).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> ToolGate.on(null)).isInstanceOf(NullPointerException.class);
        assertThatThrownBy(() -> ToolGate.on(store).waitForInProgress(Duration.ofMillis(-1)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("waitForInProgress is PT-0.001S; it must be zero or more");
        assertThatThrownBy(() -> ToolGate.on(store).maxWaiters(0)).hasMessageContaining("maxWaiters is 0");
        assertThatThrownBy(() -> ToolGate.on(store).maxWaitersPerKey(0)).hasMessageContaining("maxWaitersPerKey is 0");
        assertThatThrownBy(() -> ToolGate.on(store).drainTimeout(Duration.ofMillis(-1)))
                .hasMessageContaining("drainTimeout");
        assertThatThrownBy(() -> ToolGate.on(store).owner("o".repeat(256))).hasMessageContaining("owner");
        assertThatThrownBy(() -> ToolGate.on(store).listener(null)).isInstanceOf(NullPointerException.class);
        assertThatThrownBy(() -> ToolGate.on(store).executor(null)).isInstanceOf(NullPointerException.class);
        assertThat(store.hooks().calls()).isZero();
    }

    @Test
    @Rule(11)
    void anExceptionWhoseMessageThrowsIsADoubtLikeAnyOther() {
        PaidAction<String, String> action = Gates.action((in, a) -> {
                    runs.incrementAndGet();
                    throw new RuntimeException() {
                        @Override
                        public String getMessage() {
                            throw new IllegalStateException("no message");
                        }
                    };
                })
                .build();
        assertThat(gate(0).execute(action, KEY, "in")).isInstanceOf(Outcome.InDoubt.class);
        assertThat(store.stored(id).state()).isEqualTo(RecordState.IN_DOUBT);
    }

    @Test
    @Rule(13)
    void aLateResultIsKeptForAWholeRetentionFromItsCompletion() {
        PaidAction<String, String> action = Gates.counting(runs).build();
        Lease lease = claimElsewhere(KEY);
        other.advance(Duration.ofDays(8));
        ToolGate gate = gate(0);
        assertThat(gate.execute(action, KEY, "in")).isInstanceOf(Outcome.InDoubt.class);
        // an operator found out that it happened
        assertThat(other.complete(lease, Payload.of("text/1", new byte[] {'x'})))
                .isInstanceOf(TransitionOutcome.Applied.class);
        assertThat(gate.execute(action, KEY, "in")).isInstanceOf(Outcome.Completed.class);
        assertThat(runs).hasValue(0);
        other.advance(Duration.ofDays(8));
        assertThat(store.purge(10)).as("purged after another retention").isEqualTo(1);
    }

    @Test
    @Rule(13)
    void aReleasedKeyPastItsRetentionStartsAtTheFirstAttempt() {
        Lease lease = claimElsewhere(KEY);
        other.fail(lease, Failure.notExecuted("x", "y")); // as an operator or a reconciler releases it
        other.advance(Duration.ofDays(8));
        Outcome<String> o = gate(0).execute(Gates.counting(runs).maxAttempts(1).build(), KEY, "in");
        assertThat(o.isCompleted()).isTrue();
    }
}
