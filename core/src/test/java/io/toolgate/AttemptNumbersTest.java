package io.toolgate;

import static io.toolgate.Gates.KEY;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.toolgate.store.ClaimMachine;
import io.toolgate.store.ClaimRequest.OnUnknown;
import io.toolgate.store.RecordState;
import io.toolgate.store.contract.ModelDatabase;
import io.toolgate.store.contract.Rule;
import java.net.ConnectException;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What attempts, refusals and provider keys mean to calls: which end uses an attempt up, what the next one gets. */
class AttemptNumbersTest extends GateFixture {
    private final List<String> providerKeys = new ArrayList<>();

    /** An action whose runs and probes note their provider keys; each run takes the next end, null being success. */
    private PaidAction.Builder<String, String> script(Deque<Exception> ends) {
        return Gates.action((input, attempt) -> {
                    runs.incrementAndGet();
                    providerKeys.add(attempt.providerKey());
                    Exception end = ends.poll();
                    if (end != null) {
                        throw end;
                    }
                    return "receipt";
                })
                .classify(AttemptNumbersTest::classify);
    }

    private static Failure classify(Throwable thrown) {
        Failure failure = refusedIsNotExecuted(thrown);
        return "remembered".equals(thrown.getMessage())
                ? Failure.notExecuted(thrown).rememberedByProvider()
                : failure;
    }

    private static Deque<Exception> ends(Exception... ends) {
        return new ArrayDeque<>(List.of(ends));
    }

    private static Exception refused() {
        return new ConnectException("refused");
    }

    private static Exception unknown() {
        return new SocketTimeoutException("read timed out");
    }

    private static Exception remembered() {
        return new IllegalStateException("remembered");
    }

    @Test
    @Rule({10, 15, 16})
    void duplicatesOfAKeyWhoseProviderIsDownForASecondAllGetItsResult() throws Exception {
        try (Gates real = new Gates(new ModelDatabase(InstantSource.system()))) {
            ToolGate first = real.gate(real.store());
            ToolGate second = real.gate(real.store());
            long up = System.nanoTime() + Duration.ofSeconds(1).toNanos();
            PaidAction<String, String> action = Gates.action((input, attempt) -> {
                        runs.incrementAndGet();
                        if (System.nanoTime() - up < 0) {
                            throw new ConnectException("refused");
                        }
                        return "receipt";
                    })
                    .classify(AttemptNumbersTest::classify)
                    .build();
            List<Outcome<String>> outcomes = real.together(8, () -> {
                ToolGate gate = Thread.currentThread().getId() % 2 == 0 ? first : second;
                Outcome<String> outcome = gate.execute(action, KEY, "in");
                // The call whose own run was refused is told so, and calls again, as its client would.
                while (outcome instanceof Outcome.Retryable) {
                    outcome = gate.execute(action, KEY, "in");
                }
                return outcome;
            });
            assertThat(outcomes)
                    .allSatisfy(outcome -> assertThat(outcome.valueOrThrow()).isEqualTo("receipt"));
            assertThat(runs.get())
                    .as("runs, at 0, 100, 300, 700 and 1500 ms at the earliest")
                    .isBetween(2, 5);
        }
    }

    @Test
    @Rule({15, 16})
    void afterProbesWithoutAnAnswerARefusedRunReleasesTheKey() {
        Deque<ProbeResult<String>> answers = new ArrayDeque<>();
        PaidAction<String, String> action = script(ends(unknown(), refused()))
                .recovery(Recovery.probe(attempt -> {
                    ProbeResult<String> answer = answers.poll();
                    return answer == null ? ProbeResult.unknown() : answer;
                }))
                .build();
        ToolGate gate = gate(0);
        for (int i = 0; i < 6; i++) {
            assertThat(gate.execute(action, KEY, "in"))
                    .isInstanceOfSatisfying(
                            Outcome.InDoubt.class,
                            doubt -> assertThat(doubt.attempts()).isEqualTo(1));
        }
        answers.add(ProbeResult.notHappened());
        assertThat(gate.execute(action, KEY, "in")).isInstanceOf(Outcome.Retryable.class);
        assertThat(runs).hasValue(2);
        assertThat(store.stored(id).state()).isEqualTo(RecordState.RETRYABLE);
        store.advance(ClaimMachine.pauseAfter(1));
        assertThat(gate.execute(action, KEY, "in").valueOrThrow()).isEqualTo("receipt");
    }

    @Test
    @Rule({5, 15, 16})
    void rerunsThatWereRefusedDoNotUseADoubtUp() {
        PaidAction<String, String> action = script(
                        ends(unknown(), refused(), refused(), refused(), refused(), refused(), refused()))
                .recovery(Recovery.rerun())
                .maxAttempts(2)
                .build();
        ToolGate gate = gate(0);
        assertThat(gate.execute(action, KEY, "in")).isInstanceOf(Outcome.InDoubt.class);
        assertThat(runs).as("the run and its recovery").hasValue(2);
        assertThat(gate.execute(action, KEY, "in")).isInstanceOf(Outcome.InDoubt.class);
        assertThat(runs).as("runs; within the pause there is none").hasValue(2);
        for (int refusals = 1; refusals < 6; refusals++) {
            store.advance(ClaimMachine.pauseAfter(refusals));
            assertThat(gate.execute(action, KEY, "in")).isInstanceOfSatisfying(Outcome.InDoubt.class, doubt -> {
                assertThat(doubt.attempts()).isEqualTo(1);
                assertThat(doubt.failure().message()).containsOnlyOnce("had no effect");
            });
        }
        assertThat(runs).hasValue(7);
        store.advance(ClaimMachine.pauseAfter(6));
        assertThat(gate.execute(action, KEY, "in").valueOrThrow()).isEqualTo("receipt");
        assertThat(providerKeys).containsOnly(id.providerKey().toString());
    }

    @Test
    @Rule(17)
    void afterAFailureThatTheProviderRemembersTheNextAttemptHasAnotherProviderKey() {
        PaidAction<String, String> action =
                script(ends(refused(), remembered(), remembered())).build();
        ToolGate gate = gate(0);
        for (int refusals = 1; refusals <= 3; refusals++) {
            assertThat(gate.execute(action, KEY, "in")).isInstanceOf(Outcome.Retryable.class);
            store.advance(ClaimMachine.pauseAfter(refusals));
        }
        assertThat(gate.execute(action, KEY, "in").valueOrThrow()).isEqualTo("receipt");
        assertThat(providerKeys)
                .containsExactly(
                        id.providerKey().toString(),
                        id.providerKey().toString(),
                        id.providerKey(1, "").toString(),
                        id.providerKey(2, "").toString());
    }

    @Test
    @Rule(17)
    void whileAnEffectIsUnknownNoFailureChangesTheProviderKey() {
        PaidAction<String, String> action = script(ends(unknown(), remembered(), remembered()))
                .recovery(Recovery.rerun())
                .build();
        ToolGate gate = gate(0);
        assertThat(gate.execute(action, KEY, "in")).isInstanceOf(Outcome.InDoubt.class);
        store.advance(ClaimMachine.pauseAfter(1));
        assertThat(gate.execute(action, KEY, "in")).isInstanceOf(Outcome.InDoubt.class);
        store.advance(ClaimMachine.pauseAfter(2));
        assertThat(gate.execute(action, KEY, "in").valueOrThrow()).isEqualTo("receipt");
        assertThat(providerKeys).hasSize(4).containsOnly(id.providerKey().toString());
    }

    @Test
    @Rule(17)
    void onceAProbeHasSettledTheDoubtARememberedFailureChangesTheProviderKeyOfRunAndProbe() {
        List<String> probed = new ArrayList<>();
        PaidAction<String, String> action = script(ends(unknown(), remembered(), unknown()))
                .recovery(Recovery.probe(attempt -> {
                    probed.add(attempt.providerKey());
                    return ProbeResult.notHappened();
                }))
                .build();
        ToolGate gate = gate(0);
        assertThat(gate.execute(action, KEY, "in")).isInstanceOf(Outcome.Retryable.class);
        store.advance(ClaimMachine.pauseAfter(1));
        assertThat(gate.execute(action, KEY, "in").valueOrThrow()).isEqualTo("receipt");
        String changed = id.providerKey(1, "").toString();
        assertThat(providerKeys)
                .containsExactly(id.providerKey().toString(), id.providerKey().toString(), changed, changed);
        assertThat(probed).containsExactly(id.providerKey().toString(), changed);
    }

    @Test
    @Rule({13, 17})
    void theProviderKeyOutlivesTheProcessThatChangedIt() {
        Deque<Exception> ends = ends(remembered());
        assertThat(gate(0).execute(script(ends).build(), KEY, "in")).isInstanceOf(Outcome.Retryable.class);
        store.advance(ClaimMachine.pauseAfter(1));
        claimElsewhere(id, "in", OnUnknown.HOLD);
        store.advance(Duration.ofSeconds(31));
        assertThat(gate(0).execute(script(ends).recovery(Recovery.rerun()).build(), KEY, "in")
                        .valueOrThrow())
                .isEqualTo("receipt");
        assertThat(providerKeys.get(1)).isEqualTo(id.providerKey(1, "").toString());
    }

    @Test
    void onlyAFailureWithoutEffectMayBeRemembered() {
        assertThat(Failure.notExecuted("declined", "").rememberedByProvider().isRememberedByProvider())
                .isTrue();
        assertThat(Failure.notExecuted("declined", "").isRememberedByProvider()).isFalse();
        assertThatThrownBy(() -> Failure.unknown("lost", "").rememberedByProvider())
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("the failure is of kind UNKNOWN")
                .hasMessageContaining("Failure.notExecuted");
        assertThatThrownBy(() -> Failure.rejected("declined", "").rememberedByProvider())
                .isInstanceOf(IllegalStateException.class);
    }

    private String adviceTo(PaidAction<String, String> action) {
        Outcome<String> outcome = gate(0).execute(action, KEY, "in");
        assertThat(outcome).isInstanceOf(Outcome.InDoubt.class);
        try {
            var unused = outcome.valueOrThrow();
            throw new AssertionError("a doubt has no value");
        } catch (ToolGateException.InDoubt e) {
            return String.valueOf(e.getMessage());
        }
    }

    @Test
    void theAdviceInADoubtFitsTheDeclaredRecovery() {
        assertThat(adviceTo(timingOut().build()))
                .contains("declares no recovery", "resolve the record")
                .doesNotContain("next call");
        assertThat(adviceTo(timingOut()
                        .recovery(Recovery.probe(attempt -> ProbeResult.unknown()))
                        .build()))
                .contains("The next call with this key probes again", "Reconciler")
                .doesNotContain("declares no recovery");
        assertThat(adviceTo(
                        timingOut().recovery(Recovery.rerun()).maxAttempts(4).build()))
                .contains("3 of at most 4 attempts are of unknown effect: the next call with this key runs the action");
        assertThat(adviceTo(
                        timingOut().recovery(Recovery.rerun()).maxAttempts(3).build()))
                .contains("3 of at most 3 attempts are of unknown effect: it will not run again", "resolve the record");
    }

    @Test
    @Rule(8)
    void retryAfterIsAHintOfWholeSecondsAndNotTheRestOfTheLease() {
        claimElsewhere(KEY);
        PaidAction<String, String> action = Gates.counting(runs).build();
        assertThat(gate(0).execute(action, KEY, "in"))
                .as("a run that has just begun")
                .isEqualTo(new Outcome.InProgress<>(Duration.ofSeconds(1)));
        store.advance(Duration.ofMillis(3_500));
        assertThat(gate(0).execute(action, KEY, "in"))
                .as("a run of 3.5 s")
                .isEqualTo(new Outcome.InProgress<>(Duration.ofSeconds(4)));
        store.advance(Duration.ofMillis(25_000));
        assertThat(gate(0).execute(action, KEY, "in"))
                .as("1.5 s before the end of its lease")
                .isEqualTo(new Outcome.InProgress<>(Duration.ofSeconds(2)));
        assertThat(new Outcome.InProgress<String>(Duration.ZERO).retryAfter()).isEqualTo(Duration.ofSeconds(1));
    }
}
