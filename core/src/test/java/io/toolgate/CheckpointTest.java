package io.toolgate;

import static io.toolgate.Gates.KEY;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.toolgate.Outcome.Origin;
import io.toolgate.store.Checkpoint;
import io.toolgate.store.ClaimMachine;
import io.toolgate.store.ClaimRequest.OnUnknown;
import io.toolgate.store.ClaimToken;
import io.toolgate.store.IdempotencyRecord;
import io.toolgate.store.RecordState;
import io.toolgate.store.ResolveOutcome;
import io.toolgate.store.ResolveRequest;
import io.toolgate.store.StoreException;
import io.toolgate.store.TransitionOutcome;
import io.toolgate.store.contract.ModelStore.Operation;
import io.toolgate.store.contract.Rule;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentSkipListSet;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Checkpoints of a run: who may write them, in which order, and who reads them. */
class CheckpointTest extends GateFixture {
    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static String text(Optional<byte[]> checkpoint) {
        return checkpoint
                .map(bytes -> new String(bytes, StandardCharsets.UTF_8))
                .orElse("none");
    }

    private List<Checkpoint> checkpoints() {
        return other.history(id, 0).checkpoints();
    }

    private IdempotencyRecord record() {
        return Objects.requireNonNull(store.stored(id));
    }

    private void decide(ResolveRequest.Verdict verdict) {
        ClaimToken token = ClaimToken.random(new SecureRandom());
        IdempotencyRecord seen = record();
        assertThat(other.resolve(
                        new ResolveRequest(id, seen.fence(), seen.version(), token, verdict, "operator", "a test")))
                .isInstanceOf(ResolveOutcome.Resolved.class);
    }

    @Test
    @Rule(5)
    void theNextAttemptAndTheProbeSeeEarlierCheckpoints() {
        List<String> seen = new ArrayList<>();
        PaidAction<String, String> action = Gates.action((input, attempt) -> {
                    seen.add("run " + attempt.number() + ": " + text(attempt.checkpoint("page")));
                    if (attempt.number() == 1) {
                        attempt.checkpoint("page", bytes("1"));
                        attempt.checkpoint("page", bytes("2"));
                        assertThat(text(attempt.checkpoint("page"))).isEqualTo("2");
                        throw new IllegalStateException("died");
                    }
                    return "receipt";
                })
                .recovery(Recovery.probe(attempt -> {
                    seen.add("probe " + attempt.number() + ": " + text(attempt.checkpoint("page")));
                    return ProbeResult.notHappened();
                }))
                .build();
        assertThat(gate(1000).execute(action, KEY, "in"))
                .isEqualTo(new Outcome.Completed<>("receipt", Origin.EXECUTED));
        assertThat(seen).containsExactly("run 1: none", "probe 2: 2", "run 2: 2");
    }

    @Test
    @Rule(4)
    void theCheckpointOfAStaleOwnerIsRefusedAndChangesNothing() throws Exception {
        Breakpoint running = new Breakpoint();
        AtomicReference<Throwable> thrown = new AtomicReference<>();
        AtomicReference<@Nullable Boolean> owner = new AtomicReference<>();
        PaidAction<String, String> action = Gates.action((input, attempt) -> {
                    attempt.checkpoint("page", bytes("1"));
                    running.stop();
                    try {
                        attempt.checkpoint("page", bytes("of a stale owner"));
                    } catch (ToolGateException.LeaseLost e) {
                        thrown.set(e);
                    }
                    owner.set(attempt.isOwner());
                    return text(attempt.checkpoint("page"));
                })
                .build();
        Future<Outcome<String>> stale = gates.start(() -> gate(1000).execute(action, KEY, "in"));
        running.awaitReached();
        store.advance(Duration.ofSeconds(31));
        claimElsewhere(id, "in", OnUnknown.RERUN);
        IdempotencyRecord before = record();
        running.resume();
        assertThat(Gates.get(stale)).isInstanceOf(Outcome.LeaseLost.class);
        assertThat(thrown.get()).hasMessageContaining("does not own the key any more");
        assertThat(owner.get()).as("whether it still owns the key").isFalse();
        assertThat(record()).isEqualTo(before);
        assertThat(checkpoints())
                .extracting(checkpoint -> checkpoint.value().bytes())
                .containsExactly(bytes("1"));
    }

    @ParameterizedTest
    @ValueSource(ints = {3, 8})
    @Rule(4)
    void manyWritersOfOneRunLoseNoCheckpointAndSkipNoVersion(int writers) {
        int each = 25;
        Set<Long> versions = new ConcurrentSkipListSet<>();
        store.hooks().after(Operation.CHECKPOINT, (lease, outcome) -> {
            if (outcome instanceof TransitionOutcome.Applied applied) {
                versions.add(applied.version());
            }
        });
        PaidAction<String, String> action = Gates.action((input, attempt) -> {
                    AtomicInteger number = new AtomicInteger();
                    List<String> last = gates.together(writers, () -> {
                        String name = "writer-" + number.incrementAndGet();
                        for (int i = 1; i <= each; i++) {
                            // Every other checkpoint has a name that all threads write.
                            attempt.checkpoint(i % 2 == 0 ? "all" : name, bytes(name + " " + i));
                        }
                        return name;
                    });
                    last.forEach(
                            name -> assertThat(text(attempt.checkpoint(name))).isEqualTo(name + " " + each));
                    return text(attempt.checkpoint("all"));
                })
                .build();
        String all = gate(1000).execute(action, KEY, "in").valueOrThrow();
        long last = 1 + (long) writers * each;
        assertThat(versions).isEqualTo(set(LongStream.rangeClosed(2, last)));
        assertThat(record().version()).isEqualTo(last + 1);
        assertThat(checkpoints())
                .hasSize(writers + 1)
                .allSatisfy(checkpoint -> assertThat(checkpoint.fence()).isEqualTo(1));
        assertThat(checkpoints().stream().filter(checkpoint -> checkpoint.name().equals("all")))
                .as("the run and the store agree on the latest")
                .extracting(checkpoint -> new String(checkpoint.value().bytes(), StandardCharsets.UTF_8))
                .containsExactly(all);
    }

    private static Set<Long> set(LongStream numbers) {
        return new TreeSet<>(numbers.boxed().toList());
    }

    @Test
    @Rule(4)
    void aPendingCheckpointDelaysTheNextOneButNoHeartbeat() throws Exception {
        Breakpoint sent = new Breakpoint();
        store.hooks().before(Operation.CHECKPOINT, lease -> sent.stop());
        PaidAction<String, String> action = Gates.action((input, attempt) -> {
                    Future<?> first = gates.start(() -> {
                        attempt.checkpoint("page", bytes("1"));
                        return null;
                    });
                    sent.awaitReached();
                    Future<?> second = gates.start(() -> {
                        attempt.checkpoint("page", bytes("2"));
                        return null;
                    });
                    attempt.ensureOwner();
                    assertThat(store.hooks().calls(Operation.CHECKPOINT)).isEqualTo(1);
                    assertThat(text(attempt.checkpoint("page"))).isEqualTo("none");
                    sent.resume();
                    assertThat(Gates.get(first)).isNull();
                    assertThat(Gates.get(second)).isNull();
                    return text(attempt.checkpoint("page"));
                })
                .build();
        assertThat(gate(1000).execute(action, KEY, "in").valueOrThrow()).isEqualTo("2");
    }

    @Test
    @Rule(14)
    void aCheckpointWhoseAnswerWasLostMayBeRepeatedAndIsOneVersion() {
        store.hooks().loseAnswer(Operation.CHECKPOINT, 1);
        PaidAction<String, String> action = Gates.action((input, attempt) -> {
                    assertThatThrownBy(() -> attempt.checkpoint("page", bytes("1")))
                            .isInstanceOf(StoreException.Unavailable.class);
                    attempt.checkpoint("page", bytes("1"));
                    return text(attempt.checkpoint("page"));
                })
                .build();
        assertThat(gate(1000).execute(action, KEY, "in").valueOrThrow()).isEqualTo("1");
        assertThat(record().version()).isEqualTo(3);
    }

    @Test
    @Rule(12)
    void anOutageIsThrownAndTheRunMayContinueWithoutItsCheckpoint() {
        store.hooks().failNext(Operation.CHECKPOINT, 1);
        PaidAction<String, String> action = Gates.action((input, attempt) -> {
                    assertThatThrownBy(() -> attempt.checkpoint("page", bytes("1")))
                            .isInstanceOf(StoreException.Unavailable.class);
                    return text(attempt.checkpoint("page"));
                })
                .build();
        assertThat(gate(1000).execute(action, KEY, "in").valueOrThrow()).isEqualTo("none");
        assertThat(checkpoints()).isEmpty();
    }

    @Test
    @Rule(12)
    void anAttemptThatCannotReadEarlierCheckpointsDoesNotRun() {
        PaidAction<String, String> action = Gates.action((input, attempt) -> {
                    runs.incrementAndGet();
                    attempt.checkpoint("page", bytes("1"));
                    throw new IllegalStateException("not yet");
                })
                .classify(Failure::notExecuted)
                .build();
        ToolGate gate = gate(0);
        assertThat(gate.execute(action, KEY, "in")).isInstanceOf(Outcome.Retryable.class);
        store.advance(ClaimMachine.pauseAfter(1));
        store.hooks().failNext(Operation.HISTORY, 1);
        assertThatThrownBy(() -> gate.execute(action, KEY, "in"))
                .isInstanceOf(ToolGateException.NotExecuted.class)
                .hasMessageContaining("The checkpoints of earlier attempts of")
                .hasCauseInstanceOf(StoreException.Unavailable.class);
        assertThat(runs).hasValue(1);
        assertThat(record().state()).isEqualTo(RecordState.RETRYABLE);
        store.advance(ClaimMachine.pauseAfter(1));
        assertThat(gate.execute(action, KEY, "in")).isInstanceOf(Outcome.Retryable.class);
        assertThat(runs).hasValue(2);
    }

    @Test
    @Rule(6)
    void aRunInDoubtMayWriteCheckpointsUntilTheNextClaim() throws Exception {
        Breakpoint running = new Breakpoint();
        PaidAction<String, String> action = Gates.action((input, attempt) -> {
                    running.stop();
                    attempt.checkpoint("page", bytes("late"));
                    return "late result";
                })
                .build();
        Future<Outcome<String>> late = gates.start(() -> gate(1000).execute(action, KEY, "in"));
        running.awaitReached();
        store.advance(Duration.ofSeconds(31));
        assertThat(other.claim(claimRequest(id, "in", OnUnknown.HOLD)))
                .isInstanceOf(io.toolgate.store.ClaimOutcome.InDoubt.class);
        running.resume();
        assertThat(Gates.get(late)).isEqualTo(new Outcome.Completed<>("late result", Origin.EXECUTED));
        assertThat(checkpoints()).hasSize(1);
    }

    @Test
    void invalidNamesAndValuesAreRefusedWithoutACallToTheStore() {
        PaidAction<String, String> action = Gates.action((input, attempt) -> {
                    for (String reserved : List.of("step:one", "toolgate:probe", "toolgate:", "step:")) {
                        assertThatThrownBy(() -> attempt.checkpoint(reserved, bytes("1")))
                                .isInstanceOf(IllegalArgumentException.class)
                                .hasMessageContaining("choose another");
                    }
                    for (String bad : List.of("", "x".repeat(256), "a\0b")) {
                        assertThatThrownBy(() -> attempt.checkpoint(bad, bytes("1")))
                                .isInstanceOf(IllegalArgumentException.class)
                                .hasMessageStartingWith("checkpoint name");
                    }
                    assertThatThrownBy(() -> attempt.checkpoint("page", new byte[11]))
                            .isInstanceOf(IllegalArgumentException.class)
                            .hasMessageContaining("11 bytes; the action allows 10");
                    assertThat(store.hooks().calls(Operation.CHECKPOINT)).isZero();
                    attempt.checkpoint("x".repeat(255), new byte[10]);
                    attempt.checkpoint("empty", new byte[0]);
                    assertThat(attempt.checkpoint("empty")).contains(new byte[0]);
                    return "receipt";
                })
                .maxResultBytes(10)
                .build();
        assertThat(gate(1000).execute(action, KEY, "in").isCompleted()).isTrue();
    }

    @Test
    void bytesThatTheRunChangesAfterwardsChangeNoCheckpoint() {
        PaidAction<String, String> action = Gates.action((input, attempt) -> {
                    byte[] mine = bytes("1");
                    attempt.checkpoint("page", mine);
                    mine[0] = 'x';
                    attempt.checkpoint("page").orElseThrow()[0] = 'y';
                    return text(attempt.checkpoint("page"));
                })
                .build();
        assertThat(gate(1000).execute(action, KEY, "in").valueOrThrow()).isEqualTo("1");
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    @Rule(13)
    void aNewLifeOfAKeySeesNoCheckpointOfTheFormerOne(boolean retired) {
        List<String> seen = new ArrayList<>();
        List<String> keys = new ArrayList<>();
        PaidAction<String, String> action = Gates.action((input, attempt) -> {
                    seen.add(attempt.number() + ": " + text(attempt.checkpoint("page")));
                    keys.add(attempt.providerKey());
                    attempt.checkpoint("page", bytes(input));
                    return "receipt " + input;
                })
                .build();
        ToolGate gate = gate(1000);
        assertThat(gate.execute(action, KEY, "first").isCompleted()).isTrue();
        store.advance(Duration.ofDays(retired ? 1 : 8));
        if (retired) {
            decide(new ResolveRequest.Verdict.Retire());
            store.advance(Duration.ofSeconds(1));
        }
        assertThat(gate.execute(action, KEY, "second").valueOrThrow()).isEqualTo("receipt second");
        assertThat(seen).containsExactly("1: none", "2: none");
        assertThat(keys.get(1).equals(keys.get(0))).isEqualTo(!retired);
        assertThat(checkpoints())
                .extracting(checkpoint -> checkpoint.value().bytes())
                .containsExactly(bytes("second"));
    }

    @Test
    @Rule(5)
    void providerKeysAreStableOverAttemptsAndDifferByStepAndByLife() {
        List<List<String>> keys = new ArrayList<>();
        PaidAction<String, String> action = Gates.action((input, attempt) -> {
                    keys.add(List.of(
                            attempt.providerKey(), attempt.providerKey("reserve"), attempt.providerKey("capture")));
                    if (attempt.number() % 2 == 1) {
                        throw new IllegalStateException("died");
                    }
                    return "receipt";
                })
                .recovery(Recovery.rerun())
                .build();
        ToolGate gate = gate(1000);
        assertThat(gate.execute(action, KEY, "in").isCompleted()).isTrue();
        store.advance(Duration.ofSeconds(1));
        decide(new ResolveRequest.Verdict.Retire());
        store.advance(Duration.ofSeconds(1));
        assertThat(gates.gate(other).execute(action, KEY, "in").isCompleted()).isTrue();
        assertThat(keys).hasSize(4);
        assertThat(keys.get(1)).isEqualTo(keys.get(0));
        assertThat(keys.get(3)).isEqualTo(keys.get(2));
        Set<String> different = new TreeSet<>(keys.get(0));
        different.addAll(keys.get(2));
        assertThat(different).hasSize(6);
    }

    @Test
    @Rule(4)
    void anEndedRunWritesNoMoreCheckpoints() throws Exception {
        CompletableFuture<Attempt> ended = new CompletableFuture<>();
        PaidAction<String, String> action = Gates.action((input, attempt) -> {
                    ended.complete(attempt);
                    return "receipt";
                })
                .build();
        assertThat(gate(1000).execute(action, KEY, "in").isCompleted()).isTrue();
        Attempt attempt = ended.get(10, TimeUnit.SECONDS);
        IdempotencyRecord before = record();
        assertThatThrownBy(() -> attempt.checkpoint("page", bytes("1")))
                .isInstanceOf(ToolGateException.LeaseLost.class);
        assertThat(record()).isEqualTo(before);
    }

    @Test
    @Rule(4)
    void aConcurrentCheckpointAndCompletionAreOrderedAndBothKept() throws Exception {
        for (int round = 0; round < 50; round++) {
            IdempotencyKey key = IdempotencyKey.of("round-" + round);
            AtomicReference<Future<@Nullable Throwable>> stray = new AtomicReference<>();
            PaidAction<String, String> action = Gates.action((input, attempt) -> {
                        CyclicBarrier start = new CyclicBarrier(2);
                        stray.set(gates.start(() -> {
                            start.await(10, TimeUnit.SECONDS);
                            try {
                                attempt.checkpoint("page", bytes("1"));
                                return null;
                            } catch (ToolGateException.LeaseLost e) {
                                return e;
                            }
                        }));
                        start.await(10, TimeUnit.SECONDS);
                        return "receipt";
                    })
                    .build();
            assertThat(gate(1000).execute(action, key, "in").isCompleted()).isTrue();
            boolean left = Gates.get(stray.get()) == null;
            IdempotencyRecord record = Objects.requireNonNull(store.stored(key.in("charge-card")));
            assertThat(record.state()).isEqualTo(RecordState.COMPLETED);
            assertThat(record.version()).isEqualTo(left ? 3 : 2);
        }
    }
}
