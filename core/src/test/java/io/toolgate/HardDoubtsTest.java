package io.toolgate;

import static io.toolgate.Gates.KEY;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.toolgate.store.ClaimOutcome;
import io.toolgate.store.ClaimRequest;
import io.toolgate.store.Lease;
import io.toolgate.store.Payload;
import io.toolgate.store.RecordState;
import io.toolgate.store.StoreException;
import io.toolgate.store.TransitionOutcome;
import io.toolgate.store.contract.ModelStore.Operation;
import io.toolgate.store.contract.Rule;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

/** What is known about an effect, and what is said of it, where that is easily got wrong: each of these tests has failed once. */
@SuppressWarnings("CheckReturnValue") // Much is done here for what it does to the record.
class HardDoubtsTest extends HardCases {

    @Test
    @Rule(5)
    void aRerunWithoutEffectDoesNotVouchForTheAttemptBeforeIt() {
        PaidAction<String, String> action = Gates.action((in, attempt) -> {
                    if (attempt.number() == 1) {
                        throw new java.io.IOException("timeout after the charge");
                    }
                    throw new java.net.ConnectException("refused");
                })
                .classify(e -> e instanceof java.net.ConnectException ? Failure.notExecuted(e) : Failure.unknown(e))
                .recovery(Recovery.rerun())
                .maxAttempts(2)
                .build();
        Outcome<String> outcome = gate(1000).execute(action, KEY, "in");
        assertThat(outcome).isInstanceOf(Outcome.InDoubt.class);
    }

    @Test
    @Rule(5)
    void aRerunWithoutEffectDoesNotReleaseADoubtfulKey() {
        PaidAction<String, String> action = Gates.action((in, attempt) -> {
                    if (attempt.number() == 1) {
                        throw new java.io.IOException("timeout after the charge");
                    }
                    throw new java.net.ConnectException("refused");
                })
                .classify(e -> e instanceof java.net.ConnectException ? Failure.notExecuted(e) : Failure.unknown(e))
                .recovery(Recovery.rerun())
                .build();
        Outcome<String> outcome = gate(1000).execute(action, KEY, "in");
        assertThat(outcome).isNotInstanceOf(Outcome.Retryable.class);
    }

    @Test
    @Rule(4)
    void anAttemptThatLostItsLeaseWhileItProbedDoesNotStart() throws Exception {
        claimElsewhere(id, "in", ClaimRequest.OnUnknown.HOLD);
        other.advance(Duration.ofSeconds(31));
        CountDownLatch probing = new CountDownLatch(1);
        CountDownLatch lost = new CountDownLatch(1);
        ToolGate gate = gates.gate(
                ToolGate.on(store).waitForInProgress(Duration.ofSeconds(5)).listener(new ToolGateListener() {
                    @Override
                    public void leaseLost(Event e) {
                        lost.countDown();
                    }
                }));
        PaidAction<String, String> action = Gates.action((in, attempt) -> {
                    runs.incrementAndGet();
                    return "r2";
                })
                .lease(Duration.ofMillis(100))
                .recovery(Recovery.probe(a -> {
                    probing.countDown();
                    Gates.await(lost);
                    return ProbeResult.notHappened();
                }))
                .build();
        Future<Outcome<String>> call = gates.start(() -> gate.execute(action, KEY, "in"));
        Gates.await(probing);
        Lease next;
        while (true) { // the process's heartbeats come late; another one takes over, runs and completes
            other.advance(Duration.ofSeconds(1));
            if (other.claim(ask(id, "in", ClaimRequest.OnUnknown.TAKE)) instanceof ClaimOutcome.Acquired a) {
                next = a.lease();
                break;
            }
        }
        other.complete(next, Payload.of("text/1", new byte[] {'x'}));
        Outcome<String> outcome = Gates.get(call);
        assertThat(runs).as("runs of an attempt known to have lost its lease").hasValue(0);
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
    void reconcileSeesBehindAThousandRecordsOfOthers() {
        for (int i = 0; i < 1000; i++) {
            claimElsewhere(IdempotencyKey.of("k" + i).in("another-action"), "in", ClaimRequest.OnUnknown.HOLD);
        }
        other.advance(Duration.ofSeconds(1));
        claimElsewhere(id, "in", ClaimRequest.OnUnknown.HOLD);
        other.advance(Duration.ofSeconds(60));
        PaidAction<String, String> action = Gates.counting(runs)
                .recovery(Recovery.probe(a -> ProbeResult.happened("r")))
                .build();
        ReconcileReport report = gate(0).reconcile(action);
        assertThat(report.recovered()).isEqualTo(1);
    }

    @Test
    void reconcileLeavesTheCallersAttemptToTheCaller() {
        PaidAction<String, String> action = Gates.counting(runs)
                .maxAttempts(2)
                .recovery(Recovery.probe(a -> ProbeResult.notHappened()))
                .build();
        claimElsewhere(id, "in", ClaimRequest.OnUnknown.HOLD);
        other.advance(Duration.ofSeconds(31));
        ToolGate gate = gate(0);
        ReconcileReport report = gate.reconcile(action);
        Outcome<String> o = gate.execute(action, KEY, "in");
        assertThat(o.isCompleted()).isTrue();
    }

    @Test
    @Rule(5)
    void aProviderThatWasDownForManyAsksIsAskedAgain() {
        AtomicBoolean up = new AtomicBoolean();
        PaidAction<String, String> action = Gates.counting(runs)
                .recovery(Recovery.probe(a -> {
                    probes.incrementAndGet();
                    return up.get() ? ProbeResult.happened("r") : ProbeResult.unknown();
                }))
                .build();
        claimElsewhere(id, "in", ClaimRequest.OnUnknown.HOLD);
        other.advance(Duration.ofSeconds(31));
        ToolGate gate = gate(0);
        for (int i = 0; i < 5; i++) {
            gate.reconcile(action);
        }
        up.set(true);
        Outcome<String> o = gate.execute(action, KEY, "in");
        assertThat(o.isCompleted()).isTrue();
    }

    @Test
    @Rule(13)
    void lateTruthIsKeptForAsLongAgain() {
        PaidAction<String, String> action = Gates.counting(runs).build();
        Lease lease = claimElsewhere(id, "in", ClaimRequest.OnUnknown.HOLD);
        other.advance(Duration.ofDays(8));
        ToolGate gate = gate(0);
        assertThat(gate.execute(action, KEY, "in")).isInstanceOf(Outcome.InDoubt.class);
        // somebody looked it up: it did happen
        assertThat(other.complete(lease, Payload.of("text/1", new byte[] {'x'})))
                .isInstanceOf(TransitionOutcome.Applied.class);
        assertThat(gate.execute(action, KEY, "in")).isInstanceOf(Outcome.Completed.class);
        assertThat(runs).hasValue(0);
        other.advance(Duration.ofDays(8));
        assertThat(store.purge(10)).as("and no longer").isEqualTo(1);
    }

    @Test
    @Rule(13)
    void aReleasedKeyPastItsRetentionIsLikeNew() {
        Lease lease = claimElsewhere(id, "in", ClaimRequest.OnUnknown.HOLD);
        other.fail(lease, Failure.notExecuted("x", "y")); // as a person, or reconcile, releases it
        other.advance(Duration.ofDays(8));
        Outcome<String> o = gate(0).execute(Gates.counting(runs).maxAttempts(1).build(), KEY, "in");
        assertThat(o.isCompleted()).isTrue();
    }

    @Test
    void reconcileGoesOnAfterARecordThatFails() {
        for (int i = 0; i < 3; i++) {
            claimElsewhere(IdempotencyKey.of("k" + i).in("charge-card"), "in", ClaimRequest.OnUnknown.HOLD);
        }
        other.advance(Duration.ofSeconds(60));
        store.hooks().beforeClaim(r -> {
            if (r.id().key().equals("k0")) {
                throw new StoreException.Corrupt("bad row", null);
            }
        });
        PaidAction<String, String> action = Gates.counting(runs)
                .recovery(Recovery.probe(a -> ProbeResult.happened("r")))
                .build();
        ReconcileReport report = gate(0).reconcile(action);
        assertThat(report.recovered()).isEqualTo(2);
    }

    @Test
    @Rule(6)
    void aLateClaimThatDidNotRunSaysSoThoughItsRecordIsInDoubt() throws Exception {
        AtomicBoolean first = new AtomicBoolean(true);
        PaidAction<String, String> action =
                Gates.counting(runs).lease(Duration.ofMillis(60)).build();
        store.hooks().afterClaim((r, a) -> {
            if (first.getAndSet(false)) {
                pass(60);
                other.advance(Duration.ofSeconds(1)); // the lease is over …
                other.claim(ask(id, "in", ClaimRequest.OnUnknown.HOLD)); // … and somebody asks
            }
        });
        Outcome<String> o = gate(2000).execute(action, KEY, "in");
        assertThat(o.isCompleted()).isTrue();
    }

    @Test
    @Rule(5)
    void aCallThatDoesNotWaitDoesNotRunBesideARunOfThisProcess() throws Exception {
        CountDownLatch running = new CountDownLatch(1);
        CountDownLatch overdue = new CountDownLatch(1);
        CountDownLatch goOn = new CountDownLatch(1);
        AtomicInteger inside = new AtomicInteger();
        AtomicInteger most = new AtomicInteger();
        ToolGate gate =
                gates.gate(ToolGate.on(store).waitForInProgress(Duration.ZERO).listener(new ToolGateListener() {
                    @Override
                    public void inDoubt(Event e, Failure f) {
                        overdue.countDown();
                    }
                }));
        PaidAction<String, String> action = Gates.action((in, a) -> {
                    most.accumulateAndGet(inside.incrementAndGet(), Math::max);
                    if (a.number() == 1) {
                        running.countDown();
                        Gates.await(goOn);
                    }
                    inside.decrementAndGet();
                    return "r" + runs.incrementAndGet();
                })
                .lease(Duration.ofMillis(30))
                .maxRunTime(Duration.ofMillis(30))
                .recovery(Recovery.probe(a -> ProbeResult.notHappened())) // true: the charge has not been sent yet
                .build();
        Future<Outcome<String>> slow = gates.start(() -> gate.execute(action, KEY, "in"));
        Gates.await(running);
        Gates.await(overdue);
        assertThat(gate.execute(action, KEY, "in")).isInstanceOf(Outcome.InDoubt.class);
        goOn.countDown();
        assertThat(Gates.get(slow).isCompleted()).as("late truth").isTrue();
        assertThat(most).hasValue(1);
    }

    @Test
    @Rule(11)
    void aDecoderThatThrowsAnErrorMakesAResultUnavailable() {
        ResultCodec<String> codec = new ResultCodec<>() {
            public String id() {
                return "x/1";
            }

            public byte[] encode(String r) {
                return r.getBytes();
            }

            public String decode(byte[] b) {
                throw new AssertionError("bad");
            }
        };
        PaidAction<String, String> action = PaidAction.<String, String>named("charge-card")
                .run((in, a) -> "r" + runs.incrementAndGet())
                .codec(codec)
                .fingerprint(Fingerprint.text())
                .build();
        ToolGate gate = gate(0);
        assertThat(gate.execute(action, KEY, "in").isCompleted()).isTrue();
        assertThat(gate.execute(action, KEY, "in")).isInstanceOf(Outcome.Unavailable.class);
    }

    @Test
    @Rule(12)
    void aCallThatHasRunIsNotToldThatItDidNothing() {
        store.hooks().afterFail((l, a) -> other.claim(ask(id, "in", ClaimRequest.OnUnknown.TAKE)));
        PaidAction<String, String> action = Gates.action((in, a) -> {
                    runs.incrementAndGet();
                    throw new java.io.IOException("timeout after the charge");
                })
                .recovery(Recovery.rerun())
                .build();
        assertThat(gate(0).execute(action, KEY, "in")).isInstanceOf(Outcome.InDoubt.class);
        assertThat(gate(2000)
                        .execute(Gates.counting(new AtomicInteger()).build(), IdempotencyKey.of("other"), "in")
                        .isCompleted())
                .isTrue();
        assertThat(runs).hasValue(1);
    }

    @Test
    @Rule(5)
    void aClaimThatIsGivenBackDoesNotVouchForTheAttemptBeforeIt() {
        claimElsewhere(id, "in", ClaimRequest.OnUnknown.HOLD);
        other.advance(Duration.ofSeconds(31));
        PaidAction<String, String> action = Gates.counting(runs)
                .lease(Duration.ofMillis(60))
                .recovery(Recovery.rerun())
                .build();
        store.hooks().afterClaim((r, a) -> pass(60));
        store.hooks().failNext(Operation.HEARTBEAT, Integer.MAX_VALUE);
        assertThatThrownBy(() -> gate(5000).execute(action, KEY, "in"))
                .isInstanceOf(ToolGateException.NotExecuted.class);
        assertThat(store.stored(id).state()).isEqualTo(RecordState.IN_DOUBT);
        assertThat(runs).hasValue(0);
    }

    @Test
    @Rule(12)
    void aRenewalThatTakesLongerThanTheLeaseDoesNotStartTheAction() {
        store.hooks().afterClaim((r, a) -> pass(60));
        store.hooks().afterHeartbeat((l, o) -> pass(100));
        PaidAction<String, String> action =
                Gates.counting(runs).lease(Duration.ofMillis(60)).build();
        assertThatThrownBy(() -> gate(0).execute(action, KEY, "in"))
                .isInstanceOf(ToolGateException.NotExecuted.class)
                .hasMessageContaining("had to be renewed before the action could start");
        assertThat(runs).hasValue(0);
    }

    @Test
    @Rule(14)
    void aClaimWhoseAnswerWasLostIsGivenBackAndNotLeftInDoubt() {
        store.hooks().loseAnswer(Operation.CLAIM, 1);
        ToolGate gate = gate(0);
        PaidAction<String, String> action = Gates.counting(runs).build();
        assertThatThrownBy(() -> gate.execute(action, KEY, "in")).isInstanceOf(ToolGateException.NotExecuted.class);
        assertThat(store.stored(id).state()).isEqualTo(RecordState.IN_PROGRESS);
        other.advance(Duration.ofSeconds(31));
        assertThat(gate.execute(action, KEY, "in")).as("until then").isInstanceOf(Outcome.InDoubt.class);
        Awaitility.await()
                .atMost(Duration.ofSeconds(10))
                .until(() -> store.stored(id).state() == RecordState.RETRYABLE);
        assertThat(gate.execute(action, KEY, "in").isCompleted()).isTrue();
    }

    @Test
    void aRecordThatIsGoneIsNotSaidToHaveTakenEffect() throws Exception {
        store.pushHints(false);
        Lease lease = claimElsewhere(id, "in", ClaimRequest.OnUnknown.HOLD);
        CompletableFuture<Outcome<String>> waiting =
                gate(20_000).executeAsync(Gates.counting(runs).build(), KEY, "in");
        awaitPolls();
        gates.database.remove(id);
        assertThatThrownBy(Gates.get(waiting)::valueOrThrow)
                .isInstanceOf(ToolGateException.ResultUnavailable.class)
                .hasMessageContaining("Whether it took effect is not known here");
        assertThat(other.complete(lease, Payload.ofNull("text/1"))).isInstanceOf(TransitionOutcome.LeaseLost.class);
    }

    @Test
    void attemptsAreNotUsedUpWithinMilliseconds() throws Exception {
        CountDownLatch joined = new CountDownLatch(1);
        PaidAction<String, String> action = Gates.action((in, a) -> {
                    runs.incrementAndGet();
                    Gates.await(joined);
                    throw new java.net.ConnectException("refused");
                })
                .classify(Failure::notExecuted)
                .maxAttempts(4)
                .build();
        ToolGate gate = gate(20_000);
        List<CompletableFuture<Outcome<String>>> all = Stream.generate(() -> gate.executeAsync(action, KEY, "in"))
                .limit(6)
                .toList();
        // All but one have joined that one's run by now: a call that came later would not have to pause.
        long from = System.nanoTime();
        joined.countDown();
        List<Outcome<String>> outcomes = new ArrayList<>();
        for (CompletableFuture<Outcome<String>> one : all) {
            outcomes.add(Gates.get(one));
        }
        assertThat(outcomes).hasAtLeastOneElementOfType(Outcome.Rejected.class);
        assertThat(runs).hasValue(4);
        assertThat(Duration.ofNanos(System.nanoTime() - from))
                .as("the first pause is 50 ms at least")
                .isGreaterThanOrEqualTo(Duration.ofMillis(50));
    }

    @Test
    void aCodecWithoutAnIdIsRefusedBeforeAnythingRuns() {
        ResultCodec<String> nameless = new ResultCodec<>() {
            @Override
            public String id() {
                return "";
            }

            @Override
            public byte[] encode(String result) {
                return new byte[0];
            }

            @Override
            public String decode(byte[] bytes) {
                return "";
            }
        };
        assertThatThrownBy(() -> Gates.counting(runs).codec(nameless).build())
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("codec id is empty");
    }
}
