package io.toolgate;

import static io.toolgate.Gates.KEY;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.toolgate.Outcome.Origin;
import io.toolgate.store.StoreException;
import io.toolgate.store.contract.ModelStore.Operation;
import io.toolgate.store.contract.Rule;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

/** The replay cache of a gate: which results it keeps, for how long, and what ends an entry. */
class ReplayCacheTest extends GateFixture {
    private static final Duration AGE = Duration.ofMinutes(1);

    private final AtomicLong nanos = new AtomicLong();
    private final AtomicInteger notified = new AtomicInteger();
    private final ToolGate gate = gates.gate(builder());

    /** Another process, without a cache. */
    private final ToolGate elsewhere = gates.gate(other);

    private final PaidAction<String, String> action =
            Gates.counting(runs).retention(Duration.ofHours(1)).build();

    private ToolGate.Builder builder() {
        return ToolGate.on(store)
                .waitForInProgress(Gates.LONG)
                .listener(new ToolGateListener() {
                    @Override
                    public void replayed(Event event) {
                        notified.incrementAndGet();
                    }
                })
                .replayCache(cache(100_000));
    }

    private ReplayCache cache(long bytes) {
        return ReplayCache.bounded(bytes, AGE, nanos::get);
    }

    private void age(Duration by) {
        nanos.addAndGet(by.toNanos());
    }

    private Outcome<String> call() {
        return gate.execute(action, KEY, "in");
    }

    /** A call that stops at {@code read} when the store has answered its claim with the finished record. */
    private Future<Outcome<String>> callThatStopsAfterItsRead(Breakpoint read) {
        store.hooks().afterClaim((request, answer) -> read.stop());
        Future<Outcome<String>> call = gates.start(this::call);
        read.awaitReached();
        store.hooks().clear();
        return call;
    }

    private int claims() {
        return store.hooks().calls(Operation.CLAIM);
    }

    private static Outcome<String> replayed(String value) {
        return new Outcome.Completed<>(value, Origin.REPLAYED);
    }

    @Test
    @Rule({2, 11})
    void aResultThatIsSuppliedElsewhereIsReplayedAtOnce() {
        PaidAction<String, String> small =
                Gates.counting(runs).maxResultBytes(3).build();
        assertThat(elsewhere.execute(small, KEY, "in")).isInstanceOf(Outcome.Unavailable.class);
        assertThat(call()).isInstanceOf(Outcome.Unavailable.class);
        assertThat(elsewhere
                        .resolve(action, KEY, 1, Resolution.completed("found"), "ann", "asked")
                        .isApplied())
                .isTrue();
        assertThat(call()).isEqualTo(replayed("found"));
        int before = claims();
        assertThat(call()).isEqualTo(replayed("found"));
        assertThat(claims()).isEqualTo(before);
    }

    @Test
    @Rule(2)
    void aResultOfThisGateIsReplayedWithoutTheStore() {
        assertThat(call()).isEqualTo(new Outcome.Completed<>("receipt-1", Origin.EXECUTED));
        long before = store.hooks().calls();
        for (int i = 0; i < 100; i++) {
            assertThat(call()).isEqualTo(replayed("receipt-1"));
        }
        assertThat(store.hooks().calls()).isEqualTo(before);
        assertThat(notified).as("replays that the listener was notified of").hasValue(100);
    }

    @Test
    void anAsynchronousCallIsReplayedOnItsCallersThread() {
        assertThat(call().isCompleted()).isTrue();
        CompletableFuture<Outcome<String>> future = gate.executeAsync(action, KEY, "in");
        assertThat(future).isCompletedWithValue(replayed("receipt-1"));
        assertThat(claims()).isEqualTo(1);
    }

    @Test
    void aCallThatDoesNotWaitIsReplayedToo() {
        ToolGate hasty = gates.gate(builder().waitForInProgress(Duration.ZERO));
        assertThat(hasty.execute(action, KEY, "in").isCompleted()).isTrue();
        assertThat(hasty.execute(action, KEY, "in")).isEqualTo(replayed("receipt-1"));
        assertThat(claims()).isEqualTo(1);
    }

    @Test
    void aResultOfAnotherProcessIsCachedFromItsFirstReplayOn() {
        assertThat(elsewhere.execute(action, KEY, "in").isCompleted()).isTrue();
        assertThat(call()).isEqualTo(replayed("receipt-1"));
        assertThat(call()).isEqualTo(replayed("receipt-1"));
        assertThat(claims()).isEqualTo(1);
    }

    @Test
    void aResultThatAWaiterReceivedIsCached() throws Exception {
        Breakpoint running = new Breakpoint();
        PaidAction<String, String> slow = Gates.action((input, attempt) -> {
                    running.stop();
                    return "receipt-" + runs.incrementAndGet();
                })
                .build();
        Future<Outcome<String>> owner = gates.start(() -> elsewhere.execute(slow, KEY, "in"));
        running.awaitReached();
        CompletableFuture<Outcome<String>> waiter = gate.executeAsync(slow, KEY, "in");
        running.resume();
        assertThat(Gates.get(owner).isCompleted()).isTrue();
        assertThat(Gates.get(waiter)).isEqualTo(replayed("receipt-1"));
        long before = store.hooks().calls();
        assertThat(gate.execute(slow, KEY, "in")).isEqualTo(replayed("receipt-1"));
        assertThat(store.hooks().calls()).isEqualTo(before);
    }

    @Test
    @Rule(2)
    void aRejectionIsReplayedToo() {
        PaidAction<String, String> refused = Gates.action((input, attempt) -> {
                    throw new IllegalStateException("declined " + runs.incrementAndGet());
                })
                .classify(e -> Failure.rejected("declined", e.getMessage()))
                .build();
        assertThat(gate.execute(refused, KEY, "in")).isInstanceOf(Outcome.Rejected.class);
        Outcome<String> again = gate.execute(refused, KEY, "in");
        assertThat(claims()).isEqualTo(1);
        assertThat(again)
                .isEqualTo(elsewhere.execute(refused, KEY, "in"))
                .isEqualTo(new Outcome.Rejected<>(Failure.rejected("declined", "declined 1"), Origin.REPLAYED));
    }

    @Test
    @Rule(9)
    void anotherInputIsTheSameConflictAsTheStores() {
        assertThat(call().isCompleted()).isTrue();
        assertThat(gate.execute(action, KEY, "other"))
                .isEqualTo(elsewhere.execute(action, KEY, "other"))
                .isInstanceOf(Outcome.KeyConflict.class);
        assertThat(claims()).isEqualTo(1);
    }

    @Test
    @Rule(9)
    void aConflictCachesTheInputOfTheKeyAndNotThatOfTheCall() {
        assertThat(elsewhere.execute(action, KEY, "in").isCompleted()).isTrue();
        assertThat(gate.execute(action, KEY, "other")).isInstanceOf(Outcome.KeyConflict.class);
        assertThat(gate.execute(action, KEY, "other")).isInstanceOf(Outcome.KeyConflict.class);
        assertThat(call()).isEqualTo(replayed("receipt-1"));
        assertThat(claims()).isEqualTo(1);
    }

    @Test
    @Rule(2)
    void aRetirementAtThisGateEndsTheEntryAtOnce() {
        assertThat(call().isCompleted()).isTrue();
        assertThat(gate.retire(action, KEY, "refunded").isApplied()).isTrue();
        assertThat(call()).isEqualTo(new Outcome.Completed<>("receipt-2", Origin.EXECUTED));
        assertThat(call()).isEqualTo(replayed("receipt-2"));
    }

    @Test
    @Rule(2)
    void aReadThatBeganBeforeARetirementDoesNotBringTheResultBack() throws Exception {
        assertThat(elsewhere.execute(action, KEY, "in").isCompleted()).isTrue();
        Breakpoint read = new Breakpoint();
        Future<Outcome<String>> slow = callThatStopsAfterItsRead(read);
        assertThat(gate.retire(action, KEY, "refunded").isApplied()).isTrue();
        read.resume();
        assertThat(Gates.get(slow)).as("the call that claimed before").isEqualTo(replayed("receipt-1"));
        assertThat(call()).isEqualTo(new Outcome.Completed<>("receipt-2", Origin.EXECUTED));
    }

    @Test
    @Rule(2)
    void aDecisionWhoseAnswerWasLostEndsTheEntryToo() {
        assertThat(call().isCompleted()).isTrue();
        store.hooks().loseAnswer(Operation.RESOLVE, 1);
        assertThatThrownBy(() -> gate.retire(action, KEY, "refunded")).isInstanceOf(StoreException.class);
        assertThat(call()).isEqualTo(new Outcome.Completed<>("receipt-2", Origin.EXECUTED));
    }

    @Test
    @Rule(2)
    void aRetirementElsewhereIsSeenByTheEntrysMaximumAgeCountedFromBeforeItsRead() {
        assertThat(elsewhere.execute(action, KEY, "in").isCompleted()).isTrue();
        store.hooks().beforeClaim(request -> age(AGE.dividedBy(2)));
        assertThat(call()).isEqualTo(replayed("receipt-1"));
        store.hooks().clear();
        assertThat(elsewhere.retire(action, KEY, "refunded").isApplied()).isTrue();
        age(AGE.dividedBy(2).minusNanos(1));
        assertThat(call()).isEqualTo(replayed("receipt-1"));
        age(Duration.ofNanos(1));
        assertThat(call()).isEqualTo(new Outcome.Completed<>("receipt-2", Origin.EXECUTED));
    }

    @Test
    @Rule(2)
    void aClaimEndsAnEntryThatWasReadBeforeIt() throws Exception {
        assertThat(elsewhere.execute(action, KEY, "in").isCompleted()).isTrue();
        Breakpoint read = new Breakpoint();
        Future<Outcome<String>> slow = callThatStopsAfterItsRead(read);
        assertThat(elsewhere.retire(action, KEY, "refunded").isApplied()).isTrue();
        Breakpoint running = new Breakpoint();
        PaidAction<String, String> anew = Gates.stoppingAt(running, "anew").build();
        Future<Outcome<String>> owner = gates.start(() -> gate.execute(anew, KEY, "other"));
        running.awaitReached();
        read.resume();
        assertThat(Gates.get(slow)).as("the call that claimed before").isEqualTo(replayed("receipt-1"));
        assertThat(call()).as("a call after the claim").isInstanceOf(Outcome.KeyConflict.class);
        running.resume();
        assertThat(Gates.get(owner)).isEqualTo(new Outcome.Completed<>("anew", Origin.EXECUTED));
    }

    @Test
    @Rule(2)
    void ofTwoReadsThatReturnOutOfOrderTheNewerIsCached() throws Exception {
        assertThat(elsewhere.execute(action, KEY, "in").isCompleted()).isTrue();
        Breakpoint read = new Breakpoint();
        Future<Outcome<String>> slow = callThatStopsAfterItsRead(read);
        assertThat(elsewhere.retire(action, KEY, "refunded").isApplied()).isTrue();
        assertThat(elsewhere.execute(action, KEY, "other").isCompleted()).isTrue();
        assertThat(gate.execute(action, KEY, "other")).isEqualTo(replayed("receipt-2"));
        read.resume();
        assertThat(Gates.get(slow)).isEqualTo(replayed("receipt-1"));
        assertThat(gate.execute(action, KEY, "other")).isEqualTo(replayed("receipt-2"));
    }

    @Test
    @Rule(13)
    void anEntryIsUsedNoLongerThanItsRecordIsKept() {
        assertThat(elsewhere.execute(action, KEY, "in").isCompleted()).isTrue();
        store.advance(Duration.ofHours(1).minusSeconds(2));
        assertThat(call()).isEqualTo(replayed("receipt-1"));
        store.advance(Duration.ofSeconds(2));
        age(Duration.ofSeconds(2).minusNanos(1));
        assertThat(call()).as("within the last two seconds of retention").isEqualTo(replayed("receipt-1"));
        age(Duration.ofNanos(1));
        assertThat(call()).isEqualTo(new Outcome.Completed<>("receipt-2", Origin.EXECUTED));
    }

    @Test
    @Rule(13)
    void anOwnResultIsUsedNoLongerThanItsRetention() {
        PaidAction<String, String> brief = Gates.counting(runs)
                .lease(Duration.ofSeconds(1))
                .retention(Duration.ofSeconds(2))
                .build();
        assertThat(gate.execute(brief, KEY, "in").isCompleted()).isTrue();
        store.advance(Duration.ofSeconds(2));
        age(Duration.ofSeconds(2));
        assertThat(gate.execute(brief, KEY, "in")).isEqualTo(new Outcome.Completed<>("receipt-2", Origin.EXECUTED));
    }

    @Test
    @Rule(3)
    void aResultThatWasNotAcknowledgedIsNotCached() {
        store.hooks().failNext(Operation.COMPLETE, 100);
        assertThatThrownBy(this::call).isInstanceOf(ToolGateException.ResultNotStored.class);
        store.hooks().clear();
        int before = claims();
        store.advance(action.lease());
        assertThat(call()).isInstanceOf(Outcome.InDoubt.class);
        assertThat(claims()).isGreaterThan(before);
    }

    @Test
    void everyReplayIsDecodedAnew() {
        AtomicInteger decoded = new AtomicInteger();
        ResultCodec<StringBuilder> codec =
                new TestCodec<>("builder-1", value -> value.toString().getBytes(StandardCharsets.UTF_8), bytes -> {
                    decoded.incrementAndGet();
                    return new StringBuilder(new String(bytes, StandardCharsets.UTF_8));
                });
        PaidAction<String, StringBuilder> mutable = PaidAction.<String, StringBuilder>named("charge-card")
                .run((input, attempt) -> new StringBuilder("receipt"))
                .codec(codec)
                .fingerprint(Fingerprint.text())
                .build();
        gate.execute(mutable, KEY, "in").valueOrThrow().append(" spoiled");
        gate.execute(mutable, KEY, "in").valueOrThrow().append(" spoiled");
        assertThat(gate.execute(mutable, KEY, "in").valueOrThrow()).hasToString("receipt");
        assertThat(decoded).as("the owner's included").hasValue(3);
        assertThat(claims()).isEqualTo(1);
    }

    @Test
    void itsSizeIsLimited() {
        ToolGate small = gates.gate(builder().replayCache(cache(10_000)));
        PaidAction<String, String> large =
                Gates.action((input, attempt) -> "x".repeat(2_000)).build();
        for (int i = 0; i < 20; i++) {
            assertThat(small.execute(large, IdempotencyKey.of("key-" + i), "in").isCompleted())
                    .isTrue();
        }
        int before = claims();
        for (int i = 0; i < 20; i++) {
            assertThat(small.execute(large, IdempotencyKey.of("key-" + i), "in").isCompleted())
                    .isTrue();
        }
        assertThat(claims() - before).as("claims").isBetween(15, 20);
    }

    @Test
    void invalidSettingsAreRefused() {
        assertThatThrownBy(() -> ReplayCache.bounded(4_095, AGE))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("4095")
                .hasMessageContaining("at least 4096");
        assertThatThrownBy(() -> ReplayCache.bounded(1 << 20, Duration.ZERO))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("maximumAge");
        assertThatThrownBy(() -> ReplayCache.bounded(1 << 20, null)).isInstanceOf(NullPointerException.class);
    }
}
