package io.toolgate;

import static io.toolgate.Gates.KEY;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.errorprone.annotations.CanIgnoreReturnValue;
import io.toolgate.store.Checkpoint;
import io.toolgate.store.ClaimMachine;
import io.toolgate.store.ClaimRequest.OnUnknown;
import io.toolgate.store.ClaimToken;
import io.toolgate.store.IdempotencyRecord;
import io.toolgate.store.ResolveOutcome;
import io.toolgate.store.ResolveRequest;
import io.toolgate.store.StoreException;
import io.toolgate.store.contract.ModelStore.Operation;
import io.toolgate.store.contract.Rule;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Steps: parts of a run that are not repeated once they are done. */
class StepTest extends GateFixture {
    private final AtomicInteger reserved = new AtomicInteger();
    private final AtomicInteger captured = new AtomicInteger();

    private List<Checkpoint> checkpoints() {
        return other.history(id, 0).checkpoints();
    }

    @CanIgnoreReturnValue
    private String reserve(Attempt attempt) throws Exception {
        return attempt.step("reserve", ResultCodec.text(), () -> "reservation-" + reserved.incrementAndGet());
    }

    /** Reserves, dies in its first attempt, and captures in its second. */
    private PaidAction.Builder<String, String> twoSteps() {
        return Gates.action((input, attempt) -> {
            String reservation = reserve(attempt);
            if (runs.incrementAndGet() == 1) {
                throw new IOException("died after the first step");
            }
            return attempt.step(
                    "capture", ResultCodec.text(), () -> reservation + ", capture-" + captured.incrementAndGet());
        });
    }

    /**
     * The result that a later attempt reads of a step which the first attempt stored by {@code first}; null for a null.
     */
    private <T extends @Nullable Object> AtomicReference<@Nullable Object> nextAttemptGets(
            ResultCodec<T> firstCodec, Attempt.Step<T> first, ResultCodec<T> nextCodec) {
        AtomicReference<@Nullable Object> got = new AtomicReference<>();
        PaidAction<String, String> action = Gates.action((input, attempt) -> {
                    if (attempt.number() == 1) {
                        Object mine = attempt.step("reserve", firstCodec, () -> {
                            reserved.incrementAndGet();
                            return first.run();
                        });
                        Object again = attempt.step("reserve", firstCodec, first);
                        assertThat(again)
                                .as("the result within the present run")
                                .isEqualTo(mine);
                        throw new IOException("died after the step");
                    }
                    try {
                        got.set(attempt.step("reserve", nextCodec, () -> {
                            reserved.incrementAndGet();
                            return first.run();
                        }));
                    } catch (ToolGateException.StepUnavailable e) {
                        got.set(e);
                    }
                    return "receipt";
                })
                .recovery(Recovery.rerun())
                .maxResultBytes(20)
                .build();
        assertThat(gate(1000).execute(action, KEY, "in").isCompleted()).isTrue();
        assertThat(reserved).as("reservations").hasValue(1);
        return got;
    }

    @Test
    @Rule(5)
    void underRerunTheNextAttemptDoesNotRepeatAStepThatIsDone() {
        PaidAction<String, String> action =
                twoSteps().recovery(Recovery.rerun()).build();
        assertThat(gate(1000).execute(action, KEY, "in").valueOrThrow()).isEqualTo("reservation-1, capture-1");
        assertThat(runs).hasValue(2);
        assertThat(checkpoints()).extracting(Checkpoint::name).containsExactly("step:reserve", "step:capture");
    }

    @Test
    @Rule(5)
    void afterAProbeThatFoundNothingTheNextAttemptDoesNotRepeatAStepThatIsDone() {
        PaidAction<String, String> action = twoSteps()
                .recovery(Recovery.probe(attempt -> {
                    // The probe reads the results of steps by calling them.
                    assertThat(reserve(attempt)).isEqualTo("reservation-1");
                    return ProbeResult.notHappened();
                }))
                .build();
        assertThat(gate(1000).execute(action, KEY, "in").valueOrThrow()).isEqualTo("reservation-1, capture-1");
        assertThat(runs).hasValue(2);
    }

    @Test
    @Rule(5)
    void afterAReleaseAnotherProcessDoesNotRepeatAStepThatIsDone() {
        PaidAction<String, String> action =
                twoSteps().classify(Failure::notExecuted).build();
        assertThat(gate(0).execute(action, KEY, "in")).isInstanceOf(Outcome.Retryable.class);
        store.advance(ClaimMachine.pauseAfter(1));
        assertThat(gates.gate(other).execute(action, KEY, "in").valueOrThrow()).isEqualTo("reservation-1, capture-1");
    }

    @Test
    @Rule(5)
    void afterAProcessDiedAnotherDoesNotRepeatAStepThatIsDone() throws Exception {
        Breakpoint done = new Breakpoint();
        PaidAction<String, String> dies = Gates.action((input, attempt) -> {
                    String reservation = reserve(attempt);
                    done.stop();
                    return reservation;
                })
                .build();
        Future<Outcome<String>> dead = gates.start(() -> gate(1000).execute(dies, KEY, "in"));
        done.awaitReached();
        store.advance(Duration.ofSeconds(31));
        PaidAction<String, String> action = Gates.action((input, attempt) -> reserve(attempt))
                .recovery(Recovery.rerun())
                .build();
        assertThat(gates.gate(other).execute(action, KEY, "in").valueOrThrow()).isEqualTo("reservation-1");
        done.resume();
        assertThat(Gates.get(dead)).isInstanceOf(Outcome.LeaseLost.class);
    }

    @Test
    void aStepThatThrowsIsNotDone() {
        PaidAction<String, String> action = Gates.action((input, attempt) -> {
                    assertThatThrownBy(() -> attempt.step("reserve", ResultCodec.text(), () -> {
                                throw new IOException("refused " + reserved.incrementAndGet());
                            }))
                            .isInstanceOf(IOException.class)
                            .hasMessage("refused 1");
                    return reserve(attempt);
                })
                .build();
        assertThat(gate(1000).execute(action, KEY, "in").valueOrThrow()).isEqualTo("reservation-2");
    }

    @Test
    void twoThreadsRunOneStepOnceAndOtherStepsConcurrently() {
        PaidAction<String, String> action = Gates.action((input, attempt) -> {
                    Breakpoint running = new Breakpoint();
                    Attempt.Step<String> slow = () -> {
                        running.stop();
                        return "reservation-" + reserved.incrementAndGet();
                    };
                    Future<String> first = gates.start(() -> attempt.step("reserve", ResultCodec.text(), slow));
                    running.awaitReached();
                    Future<String> second = gates.start(() -> attempt.step("reserve", ResultCodec.text(), slow));
                    assertThat(attempt.step("capture", ResultCodec.text(), () -> "capture"))
                            .isEqualTo("capture");
                    assertThat(second.isDone()).isFalse();
                    running.resume();
                    return Gates.get(first) + ", " + Gates.get(second);
                })
                .build();
        assertThat(gate(1000).execute(action, KEY, "in").valueOrThrow()).isEqualTo("reservation-1, reservation-1");
    }

    @Test
    void aStepInsideItselfIsRefusedAndOneInsideAnotherIsNot() {
        PaidAction<String, String> action = Gates.action((input, attempt) -> {
                    assertThatThrownBy(() -> attempt.step("reserve", ResultCodec.text(), () -> reserve(attempt)))
                            .isInstanceOf(IllegalStateException.class)
                            .hasMessageContaining("calls itself");
                    return attempt.step("outer", ResultCodec.text(), () -> "outer of " + reserve(attempt));
                })
                .build();
        assertThat(gate(1000).execute(action, KEY, "in").valueOrThrow()).isEqualTo("outer of reservation-1");
        assertThat(checkpoints()).extracting(Checkpoint::name).containsExactly("step:reserve", "step:outer");
    }

    // Results
    // -----------------------------------------------------------------------------------------------------------

    @Test
    @Rule(11)
    void nullIsAResultOfAStep() {
        ResultCodec<@Nullable Void> nothing = ResultCodec.nothing();
        assertThat(nextAttemptGets(nothing, () -> null, nothing)).hasNullValue();
    }

    @Test
    @Rule(11)
    void anEmptyResultOfAStepIsNotNull() {
        assertThat(nextAttemptGets(ResultCodec.text(), () -> "", ResultCodec.text()))
                .hasValue("");
    }

    @Test
    @Rule(11)
    void aStepWhoseResultIsTooLargeIsDoneAndUnavailableToTheNextAttempt() {
        assertThat(nextAttemptGets(ResultCodec.text(), () -> "x".repeat(21), ResultCodec.text())
                        .get())
                .isInstanceOfSatisfying(
                        ToolGateException.StepUnavailable.class,
                        e -> assertThat(e)
                                .hasMessageContaining("\"reserve\" was completed")
                                .hasMessageContaining("has 21 bytes, the action allows 20")
                                .hasMessageContaining("It will not run again"));
    }

    @Test
    @Rule(11)
    void aStepWhoseResultCannotBeEncodedIsDoneAndUnavailableToTheNextAttempt() {
        ResultCodec<String> throwing = new TestCodec<>(
                "text/1",
                result -> {
                    throw new StackOverflowError("too deep");
                },
                String::valueOf);
        assertThat(nextAttemptGets(throwing, () -> "reservation", throwing).get())
                .isInstanceOfSatisfying(
                        ToolGateException.StepUnavailable.class,
                        e -> assertThat(e)
                                .hasMessageContaining("codec text/1 threw java.lang.StackOverflowError: too deep"));
    }

    @Test
    @SuppressWarnings("NullAway") // A codec that breaks its contract.
    @Rule(11)
    void aStepWhoseCodecReturnsNullIsDoneAndUnavailableToTheNextAttempt() {
        ResultCodec<String> forgetful = new TestCodec<>("text/1", result -> null, String::valueOf);
        assertThat(nextAttemptGets(forgetful, () -> "reservation", forgetful).get())
                .isInstanceOfSatisfying(
                        ToolGateException.StepUnavailable.class,
                        e -> assertThat(e).hasMessageContaining("codec text/1 returned null"));
    }

    @Test
    @Rule(11)
    void aStepWhoseResultTheStoreRefusesIsDoneAndUnavailableToTheNextAttempt() {
        store.hooks()
                .failNext(
                        Operation.CHECKPOINT, 1, () -> new StoreException.Refused("more than the column holds", null));
        assertThat(nextAttemptGets(ResultCodec.text(), () -> "reservation", ResultCodec.text())
                        .get())
                .isInstanceOfSatisfying(
                        ToolGateException.StepUnavailable.class,
                        e -> assertThat(e).hasMessageContaining("the store refused it: more than the column holds"));
    }

    @Test
    @Rule(11)
    void aStepThatIsReadByAnotherCodecIsUnavailableAndNotRunAgain() {
        ResultCodec<String> another = new TestCodec<>("text/2", result -> new byte[0], bytes -> "");
        assertThat(nextAttemptGets(ResultCodec.text(), () -> "reservation", another)
                        .get())
                .isInstanceOfSatisfying(
                        ToolGateException.StepUnavailable.class,
                        e -> assertThat(e).hasMessageContaining("stored by codec text/1, the action reads text/2"));
    }

    @Test
    @Rule(11)
    void aStepWhoseResultCannotBeDecodedIsUnavailableAndNotRunAgain() {
        ResultCodec<String> broken = new TestCodec<>("text/1", result -> new byte[1], bytes -> {
            throw new IOException("not what it was");
        });
        assertThat(nextAttemptGets(broken, () -> "reservation", broken).get())
                .isInstanceOfSatisfying(
                        ToolGateException.StepUnavailable.class,
                        e -> assertThat(e).hasMessageContaining("not what it was"));
    }

    @Test
    @Rule(11)
    void aCodecWithoutAnIdOrWithAReservedOneIsRefusedBeforeTheEffect() {
        PaidAction<String, String> action = Gates.action((input, attempt) -> {
                    for (String bad : List.of("", "toolgate:unencoded/1")) {
                        ResultCodec<String> nameless = new TestCodec<>(bad, result -> new byte[0], bytes -> "");
                        assertThatThrownBy(() -> attempt.step(
                                        "reserve", nameless, () -> "reservation-" + reserved.incrementAndGet()))
                                .isInstanceOf(IllegalArgumentException.class)
                                .hasMessageContaining("codec id");
                    }
                    return reserve(attempt);
                })
                .build();
        assertThat(gate(1000).execute(action, KEY, "in").valueOrThrow()).isEqualTo("reservation-1");
    }

    // Names
    // -------------------------------------------------------------------------------------------------------------

    @Test
    void invalidNamesAreRefusedBeforeTheEffect() {
        PaidAction<String, String> action = Gates.action((input, attempt) -> {
                    for (String bad : List.of("", " ", "x".repeat(201), "ä".repeat(101), "a\0b")) {
                        assertThatThrownBy(() -> attempt.step(
                                        bad, ResultCodec.text(), () -> "reservation-" + reserved.incrementAndGet()))
                                .isInstanceOf(IllegalArgumentException.class)
                                .hasMessageStartingWith("step name");
                    }
                    assertThat(reserved).hasValue(0);
                    // A step is no checkpoint of the run, whatever its name.
                    return attempt.step("x".repeat(200), ResultCodec.text(), () -> "long")
                            + attempt.step("toolgate:probe", ResultCodec.text(), () -> ", other");
                })
                .build();
        assertThat(gate(1000).execute(action, KEY, "in").valueOrThrow()).isEqualTo("long, other");
        assertThat(checkpoints())
                .extracting(Checkpoint::name)
                .containsExactly("step:" + "x".repeat(200), "step:toolgate:probe");
    }

    // Ownership and outages
    // ---------------------------------------------------------------------------------------------

    @Test
    @Rule(4)
    void aStepOfAReplacedOwnerDoesNotStart() throws Exception {
        AtomicBoolean cutOff = new AtomicBoolean(true);
        store.hooks().beforeHeartbeat(leases -> {
            if (cutOff.get()) {
                throw new StoreException.Unavailable("cut off on purpose", null);
            }
        });
        AtomicReference<Throwable> thrown = new AtomicReference<>();
        PaidAction<String, String> action = Gates.action((input, attempt) -> {
                    Awaitility.await().atMost(Duration.ofSeconds(20)).until(() -> !attempt.isOwner());
                    assertThatThrownBy(() -> reserve(attempt))
                            .as("a replaced owner between two heartbeats")
                            .isInstanceOf(StoreException.Unavailable.class);
                    store.advance(Duration.ofSeconds(31));
                    claimElsewhere(id, "in", OnUnknown.RERUN);
                    cutOff.set(false);
                    try {
                        reserve(attempt);
                    } catch (ToolGateException.LeaseLost e) {
                        thrown.set(e);
                    }
                    return "receipt";
                })
                .lease(Duration.ofMillis(1500))
                .build();
        assertThat(gate(1000).execute(action, KEY, "in")).isInstanceOf(Outcome.LeaseLost.class);
        assertThat(thrown.get()).isInstanceOf(ToolGateException.LeaseLost.class);
        assertThat(reserved).hasValue(0);
        assertThat(checkpoints()).isEmpty();
    }

    @Test
    @Rule(4)
    void anOwnerThatIsReplacedDuringAStepFailsThereAndStartsNoOther() throws Exception {
        AtomicReference<@Nullable Boolean> owner = new AtomicReference<>();
        PaidAction<String, String> action = Gates.action((input, attempt) -> {
                    assertThatThrownBy(() -> attempt.step("reserve", ResultCodec.text(), () -> {
                                store.advance(Duration.ofSeconds(31));
                                claimElsewhere(id, "in", OnUnknown.RERUN);
                                return "reservation-" + reserved.incrementAndGet();
                            }))
                            .isInstanceOf(ToolGateException.LeaseLost.class);
                    owner.set(attempt.isOwner());
                    assertThatThrownBy(() -> reserve(attempt)).isInstanceOf(ToolGateException.LeaseLost.class);
                    assertThatThrownBy(() -> attempt.step(
                                    "capture", ResultCodec.text(), () -> "capture-" + captured.incrementAndGet()))
                            .isInstanceOf(ToolGateException.LeaseLost.class);
                    return "receipt";
                })
                .build();
        assertThat(gate(1000).execute(action, KEY, "in")).isInstanceOf(Outcome.LeaseLost.class);
        assertThat(owner.get()).isFalse();
        assertThat(reserved).hasValue(1);
        assertThat(captured).hasValue(0);
        assertThat(checkpoints()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    @Rule(12)
    void aStepWhoseCheckpointFailedIsNotRepeatedByTheSameAttempt(boolean happened) {
        if (happened) {
            store.hooks().loseAnswer(Operation.CHECKPOINT, 1);
        } else {
            store.hooks().failNext(Operation.CHECKPOINT, 1);
        }
        PaidAction<String, String> action = Gates.action((input, attempt) -> {
                    if (attempt.number() == 1) {
                        assertThatThrownBy(() -> reserve(attempt)).isInstanceOf(StoreException.Unavailable.class);
                        assertThat(reserve(attempt)).isEqualTo("reservation-1");
                        throw new IOException("died after the step");
                    }
                    return reserve(attempt);
                })
                .recovery(Recovery.rerun())
                .build();
        assertThat(gate(1000).execute(action, KEY, "in").valueOrThrow()).isEqualTo("reservation-1");
        assertThat(reserved).hasValue(1);
    }

    @Test
    @Rule(5)
    void aStepWithoutACheckpointIsRepeatedByTheNextAttempt() {
        store.hooks().failNext(Operation.CHECKPOINT, 1);
        PaidAction<String, String> action = Gates.action((input, attempt) -> reserve(attempt))
                .recovery(Recovery.rerun())
                .build();
        assertThat(gate(1000).execute(action, KEY, "in").valueOrThrow()).isEqualTo("reservation-2");
    }

    @Test
    void aStepThatWasInterruptedStillStoresItsResult() throws Exception {
        AtomicReference<@Nullable Boolean> interruptedInTheStore = new AtomicReference<>();
        store.hooks().before(Operation.CHECKPOINT, lease -> interruptedInTheStore.set(Thread.interrupted()));
        AtomicReference<@Nullable Boolean> interruptedAfterwards = new AtomicReference<>();
        PaidAction<String, String> action = Gates.action((input, attempt) -> {
                    String value = attempt.step("reserve", ResultCodec.text(), () -> {
                        Thread.currentThread().interrupt();
                        return "reservation";
                    });
                    interruptedAfterwards.set(Thread.interrupted());
                    return value;
                })
                .build();
        assertThat(gate(1000).execute(action, KEY, "in").valueOrThrow()).isEqualTo("reservation");
        assertThat(interruptedInTheStore.get()).isFalse();
        assertThat(interruptedAfterwards.get()).isTrue();
        assertThat(checkpoints()).hasSize(1);
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    @Rule(13)
    void aNewLifeOfAKeyRunsItsStepsAnew(boolean retired) {
        List<String> keys = new ArrayList<>();
        PaidAction<String, String> action = Gates.action((input, attempt) -> {
                    keys.add(attempt.providerKey("reserve"));
                    return reserve(attempt);
                })
                .build();
        ToolGate gate = gate(1000);
        assertThat(gate.execute(action, KEY, "in").valueOrThrow()).isEqualTo("reservation-1");
        store.advance(Duration.ofDays(retired ? 1 : 8));
        if (retired) {
            IdempotencyRecord seen = Objects.requireNonNull(store.stored(id));
            assertThat(other.resolve(new ResolveRequest(
                            id,
                            seen.fence(),
                            seen.version(),
                            ClaimToken.random(new SecureRandom()),
                            new ResolveRequest.Verdict.Retire(),
                            "operator",
                            "a test")))
                    .isInstanceOf(ResolveOutcome.Resolved.class);
            store.advance(Duration.ofSeconds(1));
        }
        assertThat(gate.execute(action, KEY, "in").valueOrThrow()).isEqualTo("reservation-2");
        assertThat(keys.get(1).equals(keys.get(0))).isEqualTo(!retired);
        assertThat(checkpoints())
                .extracting(checkpoint -> new String(checkpoint.value().bytes(), StandardCharsets.UTF_8))
                .containsExactly("reservation-2");
    }
}
