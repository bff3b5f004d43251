package io.toolgate;

import static io.toolgate.Gates.KEY;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.errorprone.annotations.CanIgnoreReturnValue;
import io.toolgate.store.ClaimRequest.OnUnknown;
import io.toolgate.store.ClaimToken;
import io.toolgate.store.ForwardingStore;
import io.toolgate.store.IdempotencyRecord;
import io.toolgate.store.KeyHistory;
import io.toolgate.store.Lease;
import io.toolgate.store.Payload;
import io.toolgate.store.RecordId;
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
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Watches of one key, in the process that runs it and in another one. */
class WatchTest extends GateFixture {
    private final PaidAction<String, String> action = Gates.counting(runs).build();

    /** Listener that records versions, and fails the test where they do not grow. */
    private static final class Recorder implements Consumer<Progress> {
        final List<Progress> all = new CopyOnWriteArrayList<>();
        final AtomicReference<@Nullable String> wrong = new AtomicReference<>();
        final AtomicInteger inside = new AtomicInteger();

        @Override
        public void accept(Progress progress) {
            if (inside.incrementAndGet() > 1) {
                wrong.set("called by two threads at once");
            }
            Progress before = all.isEmpty() ? null : all.get(all.size() - 1);
            if (before != null && (before.version() >= progress.version() || before.fence() > progress.fence())) {
                wrong.set(progress + " after " + before);
            }
            all.add(progress);
            inside.decrementAndGet();
        }

        @CanIgnoreReturnValue
        Progress await(long version) {
            Awaitility.await()
                    .atMost(Duration.ofSeconds(20))
                    .pollInterval(Duration.ofMillis(2))
                    .until(() -> !all.isEmpty() && latest().version() >= version);
            assertThat(wrong).hasNullValue();
            return latest();
        }

        /**
         * Waits for so many events; in a read, so that the version it returns replaces none that is to be shown yet.
         */
        void awaitEvents(int count) {
            Awaitility.await()
                    .atMost(Duration.ofSeconds(20))
                    .pollInterval(Duration.ofMillis(2))
                    .until(() -> all.size() >= count);
        }

        Progress latest() {
            return all.get(all.size() - 1);
        }

        List<Long> versions() {
            return all.stream().map(Progress::version).toList();
        }
    }

    private static byte[] bytes(int number) {
        return String.valueOf(number).getBytes(StandardCharsets.UTF_8);
    }

    private static Payload value(int number) {
        return Payload.of("bytes/1", bytes(number));
    }

    private void awaitPolls(int more) {
        int before = store.hooks().calls(Operation.PEEK_ALL);
        Awaitility.await()
                .atMost(Duration.ofSeconds(20))
                .pollInterval(Duration.ofMillis(2))
                .until(() -> store.hooks().calls(Operation.PEEK_ALL) >= before + more);
    }

    private static void applied(TransitionOutcome outcome) {
        assertThat(outcome).isInstanceOf(TransitionOutcome.Applied.class);
    }

    private IdempotencyRecord record() {
        return Objects.requireNonNull(store.stored(id));
    }

    private void decide(ResolveRequest.Verdict verdict) {
        IdempotencyRecord record = record();
        ResolveOutcome outcome = other.resolve(new ResolveRequest(
                id,
                record.fence(),
                record.version(),
                ClaimToken.random(new SecureRandom()),
                verdict,
                "operator",
                "a test"));
        assertThat(outcome).isInstanceOf(ResolveOutcome.Resolved.class);
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    @Rule(4)
    void fourWritersOfOneRunAreShownInGrowingVersionsHereAndElsewhere(boolean hints) throws Exception {
        store.pushHints(hints);
        other.pushHints(hints);
        ToolGate here = gates.gate(store);
        ToolGate elsewhere = gates.gate(other);
        Recorder shownHere = new Recorder();
        Recorder shownElsewhere = new Recorder();
        PaidAction<String, String> written = Gates.action((input, attempt) -> {
                    AtomicInteger writer = new AtomicInteger();
                    var unused = gates.together(4, () -> {
                        String name = "writer-" + writer.incrementAndGet();
                        for (int i = 1; i <= 50; i++) {
                            attempt.checkpoint(name, bytes(i));
                        }
                        return name;
                    });
                    return "done";
                })
                .build();
        try (Watch watchHere = here.watch(written, KEY, shownHere);
                Watch watchElsewhere = elsewhere.watch(written, KEY, shownElsewhere)) {
            assertThat(here.execute(written, KEY, "in").isCompleted()).isTrue();
            for (Recorder shown : List.of(shownHere, shownElsewhere)) {
                // One claim, 4 times 50 checkpoints, one completion.
                Progress last = shown.await(202);
                assertThat(last.version()).isEqualTo(202);
                assertThat(last.state()).isEqualTo(RecordState.COMPLETED);
                assertThat(last.fence()).isEqualTo(1);
                for (int i = 1; i <= 4; i++) {
                    assertThat(last.checkpoint("writer-" + i)).contains(bytes(50));
                }
            }
            assertThat(watchHere.isOpen()).isTrue();
            assertThat(watchElsewhere.isOpen()).isTrue();
        }
    }

    @Test
    void aWatchStartsWithTheCurrentRecordIfThereIsOne() {
        ToolGate gate = gates.gate(store);
        Recorder shown = new Recorder();
        Recorder shownOfNothing = new Recorder();
        Lease lease = claimElsewhere(KEY);
        applied(other.checkpoint(lease, "page", value(7)));
        try (Watch watch = gate.watch(action, KEY, shown);
                Watch absent = gate.watch(action, IdempotencyKey.of("never"), shownOfNothing)) {
            Progress first = shown.await(2);
            assertThat(first.state()).isEqualTo(RecordState.IN_PROGRESS);
            assertThat(first.checkpoints()).containsOnly(Map.entry("page", value(7)));
            assertThat(first.checkpoint("page")).contains(bytes(7));
            assertThat(first.checkpoint("line")).isEmpty();
            assertThat(first.at()).isEqualTo(record().updatedAt());
            awaitPolls(3);
            assertThat(shown.versions()).containsExactly(2L);
            assertThat(shownOfNothing.all).isEmpty();
            assertThat(watch.isOpen()).isTrue();
            assertThat(absent.isOpen()).isTrue();
        }
    }

    @Test
    void aWatchThatStartsDuringAPollIsNotShownWhatWasReadBefore() {
        Lease lease = claimElsewhere(KEY);
        Breakpoint read = new Breakpoint();
        store.hooks().after(Operation.PEEK_ALL, (ids, answer) -> read.stop());
        ToolGate gate = gates.gate(store);
        Recorder first = new Recorder();
        Recorder second = new Recorder();
        try (Watch early = gate.watch(action, KEY, first)) {
            read.awaitReached();
            applied(other.checkpoint(lease, "page", value(1)));
            try (Watch late = gate.watch(action, KEY, second)) {
                read.resume();
                second.await(2);
                first.await(2);
                assertThat(second.versions()).containsExactly(2L);
                assertThat(first.versions()).endsWith(2L);
                assertThat(early.isOpen() && late.isOpen()).isTrue();
            }
        }
    }

    @Test
    void stepsAndInternalCheckpointsAreHiddenButMakeVersions() {
        ToolGate gate = gates.gate(store);
        Recorder shown = new Recorder();
        Lease lease = claimElsewhere(KEY);
        applied(other.checkpoint(lease, "step:one", value(1)));
        applied(other.checkpoint(lease, "toolgate:probe", value(2)));
        try (Watch watch = gate.watch(action, KEY, shown)) {
            assertThat(shown.await(3).checkpoints()).isEmpty();
            assertThat(watch.isOpen()).isTrue();
        }
    }

    @Test
    @Rule(4)
    void aLateReadShowsNothingOlderThanTheLatestVersion() {
        // The first read is delayed while a newer one is shown; then an older read arrives again.
        AtomicReference<@Nullable Map<RecordId, IdempotencyRecord>> stale = new AtomicReference<>();
        AtomicInteger reads = new AtomicInteger();
        CountDownLatch staleShown = new CountDownLatch(6);
        ToolGate gate = gates.gate(new ForwardingStore(store) {
            @Override
            public Map<RecordId, IdempotencyRecord> peekAll(Collection<RecordId> ids) {
                Map<RecordId, IdempotencyRecord> now = target().peekAll(ids);
                if (!now.isEmpty() && stale.compareAndSet(null, now)) {
                    return Map.of();
                }
                if (reads.incrementAndGet() % 2 == 0) {
                    staleShown.countDown();
                    return Objects.requireNonNull(stale.get());
                }
                return now;
            }
        });
        Lease lease = claimElsewhere(KEY);
        Recorder shown = new Recorder();
        try (Watch watch = gate.watch(action, KEY, shown)) {
            awaitPolls(1);
            applied(store.checkpoint(lease, "page", value(1)));
            shown.await(2);
            Gates.await(staleShown);
            applied(store.complete(lease, value(1)));
            assertThat(shown.await(3).state()).isEqualTo(RecordState.COMPLETED);
            assertThat(watch.isOpen()).isTrue();
        }
        assertThat(shown.wrong).hasNullValue();
    }

    @Test
    @Rule(4)
    void aReadThatIsDelayedWhileNewerHintsArriveIsShownBeforeThem() {
        Lease lease = claimElsewhere(KEY);
        Breakpoint read = new Breakpoint();
        Recorder shown = new Recorder();
        AtomicInteger reads = new AtomicInteger();
        store.hooks().after(Operation.PEEK_ALL, (ids, answer) -> {
            if (reads.getAndIncrement() == 0) {
                read.stop();
            } else {
                shown.awaitEvents(1);
            }
        });
        try (Watch watch = gates.gate(store).watch(action, KEY, shown)) {
            read.awaitReached();
            for (int i = 1; i <= 5; i++) {
                // Through the watched store itself, whose hints come at once.
                applied(store.checkpoint(lease, "page", value(i)));
            }
            read.resume();
            assertThat(shown.await(6).checkpoint("page")).contains(bytes(5));
            assertThat(shown.all.get(0).version()).isEqualTo(1);
            assertThat(shown.all.get(0).checkpoints()).isEmpty();
            assertThat(watch.isOpen()).isTrue();
        }
    }

    @Test
    @Rule(4)
    void noCheckpointIsNewerThanTheVersionItIsShownWith() {
        Lease lease = claimElsewhere(KEY);
        applied(other.checkpoint(lease, "page", value(1)));
        applied(other.checkpoint(lease, "line", value(1)));
        AtomicInteger next = new AtomicInteger(2);
        Recorder shown = new Recorder();
        ToolGate gate = gates.gate(new ForwardingStore(store) {
            @Override
            public KeyHistory history(RecordId requested, int limit) {
                // More checkpoints are written between the read of the record and that of its checkpoints.
                int number = next.getAndIncrement();
                shown.awaitEvents(number - 2);
                if (number <= 4) {
                    applied(other.checkpoint(lease, "page", value(number)));
                }
                return target().history(requested, limit);
            }
        });
        try (Watch watch = gate.watch(action, KEY, shown)) {
            Progress last = shown.await(6);
            assertThat(last.checkpoint("page")).contains(bytes(4));
            assertThat(watch.isOpen()).isTrue();
        }
        assertThat(shown.versions()).containsExactly(3L, 4L, 5L, 6L);
        // page 2 is version 4, page 3 version 5, page 4 version 6.
        assertThat(shown.all.get(0).checkpoints())
                .as("checkpoints of the first event, which must not have page 2")
                .containsOnly(Map.entry("line", value(1)));
        for (Progress each : shown.all) {
            long newest = each.version() - 2;
            each.checkpoint("page")
                    .ifPresent(page -> assertThat(Long.parseLong(new String(page, StandardCharsets.UTF_8)))
                            .as("of version %d", each.version())
                            .isLessThanOrEqualTo(newest));
            assertThat(each.checkpoint("line")).contains(bytes(1));
        }
    }

    @Test
    @Rule(4)
    void aShownCheckpointStaysWhileANewerOneIsWritten() {
        Lease lease = claimElsewhere(KEY);
        applied(other.checkpoint(lease, "page", value(1)));
        AtomicInteger reads = new AtomicInteger();
        Recorder shown = new Recorder();
        ToolGate gate = gates.gate(new ForwardingStore(store) {
            @Override
            public KeyHistory history(RecordId of, int limit) {
                int number = reads.incrementAndGet();
                shown.awaitEvents(number - 1);
                if (number == 2) {
                    applied(other.checkpoint(lease, "page", value(3)));
                }
                return target().history(of, limit);
            }
        });
        try (Watch watch = gate.watch(action, KEY, shown)) {
            shown.await(2);
            applied(other.checkpoint(lease, "line", value(2)));
            assertThat(shown.await(4).checkpoint("page")).contains(bytes(3));
            assertThat(watch.isOpen()).isTrue();
        }
        assertThat(shown.versions()).containsExactly(2L, 3L, 4L);
        assertThat(shown.all.get(1).checkpoint("page")).contains(bytes(1));
        assertThat(shown.all.get(1).checkpoint("line")).contains(bytes(2));
    }

    @Test
    @Rule(4)
    void aSlowListenerSkipsVersionsDelaysNoPollAndReceivesTheLatest() {
        ToolGate gate = gates.gate(store);
        Lease lease = claimElsewhere(KEY);
        Breakpoint entered = new Breakpoint();
        Recorder shown = new Recorder();
        Consumer<Progress> slow = progress -> {
            entered.stop();
            shown.accept(progress);
        };
        try (Watch watch = gate.watch(action, KEY, slow)) {
            entered.awaitReached();
            for (int i = 1; i <= 5; i++) {
                applied(other.checkpoint(lease, "page", value(i)));
                awaitPolls(2);
            }
            entered.resume();
            assertThat(shown.await(6).checkpoint("page")).contains(bytes(5));
            assertThat(shown.versions()).containsExactly(1L, 6L);
            assertThat(watch.isOpen()).isTrue();
        }
    }

    @Test
    void aListenerThatThrowsReceivesTheNextVersion() {
        ToolGate gate = gates.gate(store);
        Lease lease = claimElsewhere(KEY);
        Recorder shown = new Recorder();
        Consumer<Progress> throwing = progress -> {
            shown.accept(progress);
            throw new AssertionError("a listener that throws");
        };
        try (Watch watch = gate.watch(action, KEY, throwing)) {
            shown.await(1);
            applied(other.checkpoint(lease, "page", value(1)));
            shown.await(2);
            assertThat(watch.isOpen()).isTrue();
        }
    }

    @Test
    void anOutageOfTheStoreDelaysVersionsAndLosesNotTheLatest() {
        ToolGate gate = gates.gate(store);
        Lease lease = claimElsewhere(KEY);
        Recorder shown = new Recorder();
        try (Watch watch = gate.watch(action, KEY, shown)) {
            shown.await(1);
            store.hooks().failNext(Operation.HISTORY, 1);
            applied(other.checkpoint(lease, "page", value(1)));
            assertThat(shown.await(2).checkpoint("page")).contains(bytes(1));
            store.hooks().outage(true);
            awaitPolls(2);
            applied(other.complete(lease, value(1)));
            store.hooks().outage(false);
            assertThat(shown.await(3).state()).isEqualTo(RecordState.COMPLETED);
            assertThat(watch.isOpen()).isTrue();
        }
    }

    @Test
    void aRowThatCannotBeReadDelaysNoOtherKey() {
        RecordId bad = IdempotencyKey.of("bad").in("charge-card");
        claimElsewhere(bad, "in", OnUnknown.HOLD);
        claimElsewhere(KEY);
        AtomicInteger broken = new AtomicInteger(3);
        ToolGate gate = gates.gate(new ForwardingStore(store) {
            @Override
            public Map<RecordId, IdempotencyRecord> peekAll(Collection<RecordId> ids) {
                if (ids.contains(bad) && broken.get() > 0) {
                    throw new StoreException.Corrupt("a row that makes no sense", null);
                }
                return target().peekAll(ids);
            }

            @Override
            public Optional<IdempotencyRecord> peek(RecordId requested) {
                if (requested.equals(bad) && broken.getAndDecrement() > 0) {
                    throw new StoreException.Corrupt("a row that makes no sense", null);
                }
                return target().peek(requested);
            }
        });
        Recorder shownOfBad = new Recorder();
        Recorder shown = new Recorder();
        try (Watch watchOfBad = gate.watch(action, IdempotencyKey.of("bad"), shownOfBad);
                Watch watch = gate.watch(action, KEY, shown)) {
            shown.await(1);
            assertThat(shownOfBad.await(1).version())
                    .as("the version, once it can be read")
                    .isEqualTo(1);
            assertThat(watchOfBad.isOpen()).isTrue();
            assertThat(watch.isOpen()).isTrue();
        }
    }

    @Test
    @Rule(4)
    void aRetiredKeyKeepsGrowingAndItsNewLifeShowsNoOldCheckpoint() {
        ToolGate gate = gates.gate(store);
        Lease lease = claimElsewhere(KEY);
        applied(other.checkpoint(lease, "page", value(1)));
        applied(other.complete(lease, value(1)));
        Recorder shown = new Recorder();
        try (Watch watch = gate.watch(action, KEY, shown)) {
            assertThat(shown.await(3).checkpoint("page")).contains(bytes(1));
            store.advance(Duration.ofSeconds(1));
            decide(new ResolveRequest.Verdict.Retire());
            assertThat(shown.await(4).state()).isEqualTo(RecordState.RETRYABLE);
            store.advance(Duration.ofSeconds(1));
            claimElsewhere(id, "another input", OnUnknown.HOLD);
            Progress anew = shown.await(5);
            assertThat(anew.state()).isEqualTo(RecordState.IN_PROGRESS);
            assertThat(anew.fence()).isEqualTo(2);
            assertThat(anew.checkpoints()).isEmpty();
            assertThat(watch.isOpen()).isTrue();
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    @Rule(4)
    void aWatchEndsWhenItsRecordIsDeletedAndShowsNothingOfTheNextOne(boolean claimedAgainAtOnce) {
        ToolGate gate = gates.gate(store);
        Lease lease = claimElsewhere(KEY);
        applied(other.complete(lease, value(1)));
        Recorder shown = new Recorder();
        Watch watch = gate.watch(action, KEY, shown);
        shown.await(2);
        store.advance(Duration.ofDays(8));
        synchronized (gates.database) {
            // No poll reads between the purge and the next claim.
            assertThat(other.purge(10)).isEqualTo(1);
            if (claimedAgainAtOnce) {
                claimElsewhere(KEY);
            }
        }
        Awaitility.await().atMost(Duration.ofSeconds(20)).until(() -> !watch.isOpen());
        if (!claimedAgainAtOnce) {
            claimElsewhere(KEY);
        }
        Recorder shownOfTheNext = new Recorder();
        try (Watch next = gate.watch(action, KEY, shownOfTheNext)) {
            assertThat(shownOfTheNext.await(1).version()).isEqualTo(1);
            assertThat(next.isOpen()).isTrue();
        }
        assertThat(shown.versions()).containsExactly(2L);
    }

    @Test
    void manyWatchesShareOneReadPerPoll() {
        ToolGate gate = gates.gate(store);
        AtomicInteger mostIds = mostPolledTogether();
        List<Recorder> all = new ArrayList<>();
        for (int i = 0; i < 40; i++) {
            IdempotencyKey key = IdempotencyKey.of("key-" + i / 2);
            if (i % 2 == 0) {
                claimElsewhere(key);
            }
            all.add(new Recorder());
            var unused = gate.watch(action, key, all.get(i));
        }
        all.forEach(shown -> shown.await(1));
        Awaitility.await().atMost(Duration.ofSeconds(20)).until(() -> mostIds.get() == 20);
        int histories = store.hooks().calls(Operation.HISTORY);
        awaitPolls(3);
        assertThat(store.hooks().calls(Operation.HISTORY)).isEqualTo(histories);
        assertThat(store.hooks().calls(Operation.PEEK)).isZero();
    }

    @Test
    void aHintCausesAReadAtOnceAndOneOfAnotherRecordNone() {
        ToolGate gate = gates.gate(store);
        Lease lease = claimElsewhere(KEY);
        Recorder shown = new Recorder();
        try (Watch watch = gate.watch(action, KEY, shown)) {
            shown.await(1);
            // Until polls are far apart.
            awaitPolls(10);
            int reads = store.hooks().calls(Operation.PEEK_ALL);
            for (int i = 0; i < 1000; i++) {
                store.hint(IdempotencyKey.of("none").in("charge-card"));
            }
            applied(store.checkpoint(lease, "page", value(1)));
            shown.await(2);
            assertThat(store.hooks().calls(Operation.PEEK_ALL) - reads).isLessThan(5);
            assertThat(watch.isOpen()).isTrue();
        }
    }

    @Test
    void aClosedWatchIsSilentAndAClosedGateEndsItsWatches() throws Exception {
        ToolGate gate = gates.gate(store);
        Lease lease = claimElsewhere(KEY);
        Recorder shown = new Recorder();
        Recorder shownOn = new Recorder();
        Watch watch = gate.watch(action, KEY, shown);
        Watch goesOn = gate.watch(action, KEY, shownOn);
        shown.await(1);
        watch.close();
        watch.close();
        assertThat(watch.isOpen()).isFalse();
        applied(other.checkpoint(lease, "page", value(1)));
        shownOn.await(2);
        assertThat(shown.versions()).containsExactly(1L);
        gate.close();
        assertThat(goesOn.isOpen()).isFalse();
        assertThatThrownBy(() -> {
                    try (Watch late = gate.watch(action, KEY, shown)) {
                        assertThat(late.isOpen()).isFalse();
                    }
                })
                .isInstanceOf(ToolGateException.Closed.class);
    }

    @Test
    void aListenerMayCloseItsWatchAndItsGate() throws Exception {
        ToolGate gate = gates.gate(store);
        claimElsewhere(KEY);
        AtomicReference<@Nullable Watch> mine = new AtomicReference<>();
        CountDownLatch known = new CountDownLatch(1);
        CountDownLatch closed = new CountDownLatch(1);
        mine.set(gate.watch(action, KEY, progress -> {
            Gates.await(known);
            Objects.requireNonNull(mine.get()).close();
            gate.close();
            closed.countDown();
        }));
        known.countDown();
        Gates.await(closed);
        assertThat(Objects.requireNonNull(mine.get()).isOpen()).isFalse();
    }

    @Test
    void aRunAndItsWatchInOneProcessFromTheFirstClaimOn() throws Exception {
        ToolGate gate = gates.gate(store);
        Recorder shown = new Recorder();
        CountDownLatch goOn = new CountDownLatch(1);
        PaidAction<String, String> slow = Gates.action((input, attempt) -> {
                    attempt.checkpoint("page", bytes(1));
                    Gates.await(goOn);
                    return "receipt";
                })
                .build();
        try (Watch watch = gate.watch(slow, KEY, shown)) {
            Future<Outcome<String>> run = gates.start(() -> gate.execute(slow, KEY, "in"));
            assertThat(shown.await(2).checkpoint("page")).contains(bytes(1));
            goOn.countDown();
            assertThat(Gates.get(run).isCompleted()).isTrue();
            assertThat(shown.await(3).state()).isEqualTo(RecordState.COMPLETED);
            assertThat(watch.isOpen()).isTrue();
        }
    }
}
