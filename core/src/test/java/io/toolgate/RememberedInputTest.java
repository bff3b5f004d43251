package io.toolgate;

import static io.toolgate.EncryptedCodecTest.codec;
import static io.toolgate.EncryptedCodecTest.key;
import static io.toolgate.Gates.KEY;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.toolgate.Completion.By;
import io.toolgate.Outcome.Origin;
import io.toolgate.store.Checkpoint;
import io.toolgate.store.RecordState;
import io.toolgate.store.ResolveOutcome.RefusalReason;
import io.toolgate.store.StoreException;
import io.toolgate.store.contract.ModelConnection;
import io.toolgate.store.contract.Rule;
import io.toolgate.store.contract.TestClaim;
import java.net.ConnectException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** The input that an action remembers: at hand for probes, rows and reruns, though its caller is gone. */
@SuppressWarnings("CheckReturnValue") // Much is done here for what it does to the record.
class RememberedInputTest extends RememberingFixture {
    private final List<Completion<String, String>> completions = new ArrayList<>();

    private PaidAction.Builder<String, String> withRows(PaidAction.Builder<String, String> action) {
        return action.storing(ModelConnection.class, (connection, completion) -> {
            completions.add(completion);
            connection.write(completion.input() + " paid by " + completion.result());
        });
    }

    private List<Checkpoint> checkpoints() {
        return store.history(id, 0).checkpoints();
    }

    @Test
    @Rule(19)
    void withoutItNothingOfAnInputIsStored() {
        gate.execute(Gates.counting(runs).build(), KEY, "in");
        assertThat(checkpoints()).isEmpty();
    }

    @Test
    @Rule(19)
    void aProbeOfAnotherProcessIsGivenTheInputAsItWasStored() {
        PaidAction<String, String> action = remembering(timingOut()).build();
        assertThat(gate.execute(action, KEY, "in")).isInstanceOf(Outcome.InDoubt.class);
        PaidAction<String, String> probing = remembering(Gates.counting(runs))
                .recovery(Recovery.probe(attempt -> ProbeResult.happened(
                        "charge of " + attempt.input(String.class).orElseThrow())))
                .build();
        assertThat(elsewhere.reconcile(probing).recovered()).isEqualTo(1);
        assertThat(gate.execute(action, KEY, "in")).isEqualTo(new Outcome.Completed<>("charge of in", Origin.REPLAYED));
        assertThat(runs).hasValue(1);
    }

    @Test
    @Rule(19)
    void theFirstInputIsKeptAndALaterEqualOneIsNot() {
        Fingerprint<String> caseless = input -> input.toLowerCase(Locale.ROOT).getBytes(StandardCharsets.UTF_8);
        List<Object> seen = new ArrayList<>();
        PaidAction<String, String> action = withRows(remembering(Gates.action((input, attempt) -> {
                            seen.add(
                                    input + " as " + attempt.input(String.class).orElse("none"));
                            if (runs.incrementAndGet() == 1) {
                                throw new ConnectException("refused");
                            }
                            return "receipt";
                        }))
                        .fingerprint(caseless)
                        .classify(GateFixture::refusedIsNotExecuted))
                .build();
        assertThat(gates.gate(ToolGate.on(store).waitForInProgress(Duration.ZERO))
                        .execute(action, KEY, "Order"))
                .isInstanceOf(Outcome.Retryable.class);
        store.advance(Duration.ofSeconds(1));
        assertThat(gate.execute(action, KEY, "ORDER").valueOrThrow()).isEqualTo("receipt");
        assertThat(seen).containsExactly("Order as Order", "ORDER as Order");
        assertThat(gates.database.written()).containsExactly("Order paid by receipt");
    }

    @Test
    @Rule(19)
    void anInputIsEncryptedWhereItsCodecEncrypts() {
        ResultCodec<String> secret = codec("k1", Map.of("k1", key(32, 0)));
        PaidAction<String, String> action =
                withRows(Gates.counting(runs)).remembering(secret).build();
        gate.execute(action, KEY, "card 4242");
        assertThat(checkpoints()).hasSize(1).allSatisfy(checkpoint -> {
            assertThat(checkpoint.value().codec()).isEqualTo(secret.id()).startsWith("aes-gcm");
            assertThat(new String(checkpoint.value().bytes(), StandardCharsets.ISO_8859_1))
                    .doesNotContain("4242");
        });
        assertThat(gates.database.written()).containsExactly("card 4242 paid by receipt-1");
        // Bound to its place: the bytes of an input are no result.
        assertThatThrownBy(() ->
                        secret.decode(checkpoints().get(0).value().bytes(), secret.id(), ResultContext.ofResult(id)))
                .hasMessageContaining("authentication");
    }

    @Test
    @Rule({18, 19})
    void rowsAreGivenTheInputOnEveryPath() {
        PaidAction<String, String> action =
                withRows(remembering(probing(ProbeResult.happened("found")))).build();
        gate.execute(action, KEY, "in");
        store.advance(Duration.ofDays(8));
        vanished();
        gate.reconcile(action);
        store.advance(Duration.ofDays(8));
        vanished();
        gate.resolve(action, KEY, 3 + 1, Resolution.completed("told"), "ann", "asked");
        assertThat(completions).extracting(Completion::by).containsExactly(By.RUN, By.PROBE, By.OPERATOR);
        assertThat(completions).extracting(Completion::input).containsOnly("in");
    }

    @Test
    @Rule({18, 19})
    void rowsWrittenInATransactionOfTheRunAreGivenTheInputToo() {
        PaidAction<String, String> action = withRows(remembering(
                        Gates.action((input, attempt) -> attempt.completeIn(new ModelConnection(), "receipt"))))
                .build();
        assertThat(gate.execute(action, KEY, "in").valueOrThrow()).isEqualTo("receipt");
        assertThat(gates.database.written()).containsExactly("in paid by receipt");
    }

    @Test
    @Rule({12, 19})
    void anInputThatCannotBeStoredIsRefusedBeforeTheClaim() {
        PaidAction<String, String> small =
                remembering(Gates.counting(runs)).maxResultBytes(10).build();
        assertThatThrownBy(() -> gate.execute(small, KEY, "more than ten bytes"))
                .isInstanceOf(ToolGateException.NotExecuted.class)
                .hasMessageContaining("cannot be remembered")
                .hasMessageContaining("the input has 19 bytes, the action allows 10");
        PaidAction<String, String> broken = Gates.counting(runs)
                .remembering(new TestCodec<>(
                        "broken/1",
                        input -> {
                            throw new IllegalStateException("no key service");
                        },
                        bytes -> "none"))
                .build();
        assertThatThrownBy(() -> gate.execute(broken, KEY, "in"))
                .isInstanceOf(ToolGateException.NotExecuted.class)
                .hasMessageContaining("codec broken/1 threw");
        assertThat(store.dump()).isEmpty();
        assertThat(runs).hasValue(0);
        assertThatThrownBy(() -> Gates.counting(runs)
                        .remembering(new TestCodec<>("", input -> new byte[0], bytes -> ""))
                        .build())
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("input codec id");
    }

    @Test
    @Rule({12, 19})
    void anInputThatCannotBeReadIsAnErrorAndNeverNone() {
        vanished();
        PaidAction<String, String> rerun = rerunning()
                .remembering(new TestCodec<>("other/1", input -> new byte[0], bytes -> "other"))
                .build();
        assertThat(gate.reconcile(rerun).failed()).isEqualTo(1);
        assertThat(runs).hasValue(0);
        assertThat(stored().fence()).isEqualTo(1);
        assertThat(stored().state())
                .as("no lease that has ended is left in progress")
                .isEqualTo(RecordState.IN_DOUBT);
        assertThat(gate.reconcile(rerun).failed()).isEqualTo(1);
        AtomicReference<Throwable> seen = new AtomicReference<>();
        PaidAction<String, String> probing = withRows(remembering(Gates.counting(runs)))
                .recovery(Recovery.probe(attempt -> {
                    try {
                        return ProbeResult.happened(
                                attempt.input(Integer.class).orElseThrow().toString());
                    } catch (ToolGateException.InputUnavailable e) {
                        seen.set(e);
                        return ProbeResult.happened("found");
                    }
                }))
                .remembering(new TestCodec<>("other/1", input -> new byte[0], bytes -> "other"))
                .build();
        assertThat(gate.reconcile(probing).inDoubt()).isEqualTo(1);
        assertThat(seen.get()).hasMessageContaining("it was stored by codec text/1, the action reads other/1");
        assertThat(gates.database.written()).isEmpty();
        assertThat(stored().failure())
                .isNotNull()
                .satisfies(failure -> assertThat(failure.code()).isEqualTo(Failure.Codes.ROWS_FAILED));
        assertThatThrownBy(() -> gate.resolve(probing, KEY, 2, Resolution.completed("told"), "ann", "asked"))
                .isInstanceOf(StoreException.RowsFailed.class)
                .hasMessageContaining("InputUnavailable");
    }

    @Test
    @Rule(19)
    void anInputOfAnotherTypeIsRefusedWithBothNames() {
        PaidAction<String, String> action = remembering(Gates.action(
                        (input, attempt) -> "" + attempt.input(Integer.class).orElse(0)))
                .classify(thrown -> Failure.rejected("wrong-type", thrown.getMessage()))
                .build();
        assertThat(gate.execute(action, KEY, "in"))
                .isInstanceOfSatisfying(
                        Outcome.Rejected.class,
                        rejected -> assertThat(rejected.failure().message())
                                .contains("java.lang.String")
                                .contains("java.lang.Integer"));
    }

    @Test
    @Rule(18)
    void aRecordThatStoresRowsIsNotResolvedByAnActionThatDoesNot() {
        PaidAction<String, String> storing = withRows(timingOut()).build();
        assertThat(gate.execute(storing, KEY, "in")).isInstanceOf(Outcome.InDoubt.class);
        PaidAction<String, String> plain = Gates.counting(runs).build();
        assertThat(gate.resolve(plain, KEY, 1, Resolution.completed("told"), "ann", "asked"))
                .isInstanceOfSatisfying(
                        DecisionOutcome.Refused.class,
                        refused -> assertThat(refused.reason()).isEqualTo(RefusalReason.STORES_ROWS));
        assertThat(gate.resolve(storing, KEY, 1, Resolution.completed("told"), "ann", "asked")
                        .isApplied())
                .isTrue();
        assertThat(gates.database.written()).containsExactly("null paid by told");
    }

    @Test
    @Rule(19)
    void aReplayFromTheCacheAndAFollowerEncodeNothing() throws Exception {
        AtomicInteger encoded = new AtomicInteger();
        ResultCodec<String> counting = new TestCodec<>(
                "counting/1",
                input -> {
                    encoded.incrementAndGet();
                    return input.getBytes(StandardCharsets.UTF_8);
                },
                bytes -> new String(bytes, StandardCharsets.UTF_8));
        Breakpoint running = new Breakpoint();
        PaidAction<String, String> action =
                Gates.stoppingAt(running, "receipt").remembering(counting).build();
        ToolGate caching = gates.gate(ToolGate.on(store)
                .waitForInProgress(Gates.LONG)
                .replayCache(ReplayCache.bounded(1 << 20, Duration.ofMinutes(1))));
        Future<Outcome<String>> leader = gates.start(() -> caching.execute(action, KEY, "in"));
        running.awaitReached();
        Future<Outcome<String>> follower = gates.start(() -> caching.execute(action, KEY, "in"));
        running.resume();
        assertThat(Gates.get(leader).valueOrThrow()).isEqualTo("receipt");
        assertThat(Gates.get(follower).valueOrThrow()).isEqualTo("receipt");
        assertThat(caching.execute(action, KEY, "in").valueOrThrow()).isEqualTo("receipt");
        assertThat(encoded).hasValue(1);
    }

    @Test
    @Rule(19)
    void aNullInputIsRememberedAsNull() {
        AtomicReference<Object> seen = new AtomicReference<>("unset");
        PaidAction<@Nullable String, String> action = PaidAction.<@Nullable String, String>named("charge-card")
                .run((input, attempt) -> {
                    seen.set(attempt.input(String.class).isPresent());
                    throw new IllegalStateException("unknown");
                })
                .codec(ResultCodec.text())
                .fingerprint(input -> new byte[0])
                .remembering(ResultCodec.text())
                .build();
        assertThat(gate.execute(action, KEY, null)).isInstanceOf(Outcome.InDoubt.class);
        assertThat(seen).hasValue(false);
        assertThat(checkpoints())
                .hasSize(1)
                .allSatisfy(
                        checkpoint -> assertThat(checkpoint.value().isNull()).isTrue());
        assertThat(TestClaim.input("")).isEqualTo(stored().fingerprint());
    }
}
