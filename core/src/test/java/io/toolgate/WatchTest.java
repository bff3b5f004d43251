package io.toolgate;

import static io.toolgate.Gates.KEY;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.errorprone.annotations.CanIgnoreReturnValue;
import io.toolgate.store.ClaimRequest.OnUnknown;
import io.toolgate.store.ClaimToken;
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
import io.toolgate.store.contract.ForwardingStore;
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
    private static final class Told implements Consumer<Progress> {
        final List<Progress> all = new CopyOnWriteArrayList<>();
        final AtomicReference<@Nullable String> wrong = new AtomicReference<>();
        final AtomicInteger inside = new AtomicInteger();

        @Override
        public void accept(Progress news) {
            if (inside.incrementAndGet() > 1) {
                wrong.set("called by two threads at once");
            }
            Progress before = all.isEmpty() ? null : all.get(all.size() - 1);
            if (before != null && (before.version() >= news.version() || before.fence() > news.fence())) {
                wrong.set(news + " after " + before);
            }
            all.add(news);
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

    private void awaitLooks(int more) {
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
                "somebody",
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
        Told toldHere = new Told();
        Told toldElsewhere = new Told();
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
        try (Watch watchHere = here.watch(written, KEY, toldHere);
                Watch watchElsewhere = elsewhere.watch(written, KEY, toldElsewhere)) {
            assertThat(here.execute(written, KEY, "in").isCompleted()).isTrue();
            for (Told told : List.of(toldHere, toldElsewhere)) {
                // One claim, 4 times 50 checkpoints, one completion.
                Progress last = told.await(202);
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
        Told told = new Told();
        Told toldOfNothing = new Told();
        Lease lease = claimElsewhere(KEY);
        applied(other.checkpoint(lease, "page", value(7)));
        try (Watch watch = gate.watch(action, KEY, told);
                Watch absent = gate.watch(action, IdempotencyKey.of("never"), toldOfNothing)) {
            Progress first = told.await(2);
            assertThat(first.state()).isEqualTo(RecordState.IN_PROGRESS);
            assertThat(first.checkpoints()).containsOnly(Map.entry("page", value(7)));
            assertThat(first.checkpoint("page")).contains(bytes(7));
            assertThat(first.checkpoint("line")).isEmpty();
            assertThat(first.at()).isEqualTo(record().updatedAt());
            awaitLooks(3);
            assertThat(told.versions()).containsExactly(2L);
            assertThat(toldOfNothing.all).isEmpty();
            assertThat(watch.isOpen()).isTrue();
            assertThat(absent.isOpen()).isTrue();
        }
    }

    @Test
    void aWatchThatStartsDuringAPollIsNotShownWhatWasReadBefore() {
        Lease lease = claimElsewhere(KEY);
        CountDownLatch read = new CountDownLatch(1);
        CountDownLatch goOn = new CountDownLatch(1);
        store.hooks().after(Operation.PEEK_ALL, (ids, answer) -> {
            read.countDown();
            Gates.await(goOn);
        });
        ToolGate gate = gates.gate(store);
        Told first = new Told();
        Told second = new Told();
        try (Watch early = gate.watch(action, KEY, first)) {
            Gates.await(read);
            applied(other.checkpoint(lease, "page", value(1)));
            try (Watch late = gate.watch(action, KEY, second)) {
                goOn.countDown();
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
        Told told = new Told();
        Lease lease = claimElsewhere(KEY);
        applied(other.checkpoint(lease, "step:one", value(1)));
        applied(other.checkpoint(lease, "toolgate:probe", value(2)));
        try (Watch watch = gate.watch(action, KEY, told)) {
            assertThat(told.await(3).checkpoints()).isEmpty();
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
        Told told = new Told();
        try (Watch watch = gate.watch(action, KEY, told)) {
            awaitLooks(1);
            applied(store.checkpoint(lease, "page", value(1)));
            told.await(2);
            Gates.await(staleShown);
            applied(store.complete(lease, value(1)));
            assertThat(told.await(3).state()).isEqualTo(RecordState.COMPLETED);
            assertThat(watch.isOpen()).isTrue();
        }
        assertThat(told.wrong).hasNullValue();
    }

    @Test
    @Rule(4)
    void aReadThatIsDelayedWhileNewerHintsArriveIsShownFirstOrNotAtAll() {
        Lease lease = claimElsewhere(KEY);
        CountDownLatch read = new CountDownLatch(1);
        CountDownLatch goOn = new CountDownLatch(1);
        store.hooks().after(Operation.PEEK_ALL, (ids, answer) -> {
            read.countDown();
            Gates.await(goOn);
        });
        Told told = new Told();
        try (Watch watch = gates.gate(store).watch(action, KEY, told)) {
            Gates.await(read);
            for (int i = 1; i <= 5; i++) {
                // Through the watched store itself, whose hints come at once.
                applied(store.checkpoint(lease, "page", value(i)));
            }
            goOn.countDown();
            assertThat(told.await(6).checkpoint("page")).contains(bytes(5));
            assertThat(told.all.get(0).version()).isEqualTo(1);
            assertThat(told.all.get(0).checkpoints()).isEmpty();
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
        Told told = new Told();
        ToolGate gate = gates.gate(new ForwardingStore(store) {
            @Override
            public KeyHistory history(RecordId asked, int limit) {
                // More checkpoints are written between the read of the record and that of its checkpoints.
                int number = next.getAndIncrement();
                if (number <= 4) {
                    applied(other.checkpoint(lease, "page", value(number)));
                }
                return target().history(asked, limit);
            }
        });
        try (Watch watch = gate.watch(action, KEY, told)) {
            Progress last = told.await(6);
            assertThat(last.checkpoint("page")).contains(bytes(4));
            assertThat(watch.isOpen()).isTrue();
        }
        assertThat(told.versions()).containsExactly(3L, 4L, 5L, 6L);
        // page 2 is version 4, page 3 version 5, page 4 version 6.
        assertThat(told.all.get(0).checkpoints()).as("checkpoints of the first event, which must not have page 2").containsOnly(Map.entry("line", value(1)));
        for (Progress each : told.all) {
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
        AtomicInteger asked = new AtomicInteger();
        ToolGate gate = gates.gate(new ForwardingStore(store) {
            @Override
            public KeyHistory history(RecordId of, int limit) {
                if (asked.incrementAndGet() == 2) {
                    applied(other.checkpoint(lease, "page", value(3)));
                }
                return target().history(of, limit);
            }
        });
        Told told = new Told();
        try (Watch watch = gate.watch(action, KEY, told)) {
            told.await(2);
            applied(other.checkpoint(lease, "line", value(2)));
            assertThat(told.await(4).checkpoint("page")).contains(bytes(3));
            assertThat(watch.isOpen()).isTrue();
        }
        assertThat(told.versions()).containsExactly(2L, 3L, 4L);
        assertThat(told.all.get(1).checkpoint("page")).contains(bytes(1));
        assertThat(told.all.get(1).checkpoint("line")).contains(bytes(2));
    }

    @Test
    @Rule(4)
    void aSlowListenerSkipsVersionsDelaysNoPollAndReceivesTheLatest() {
        ToolGate gate = gates.gate(store);
        Lease lease = claimElsewhere(KEY);
        CountDownLatch entered = new CountDownLatch(1);
        CountDownLatch goOn = new CountDownLatch(1);
        Told told = new Told();
        Consumer<Progress> slow = news -> {
            entered.countDown();
            Gates.await(goOn);
            told.accept(news);
        };
        try (Watch watch = gate.watch(action, KEY, slow)) {
            Gates.await(entered);
            for (int i = 1; i <= 5; i++) {
                applied(other.checkpoint(lease, "page", value(i)));
                awaitLooks(2);
            }
            goOn.countDown();
            assertThat(told.await(6).checkpoint("page")).contains(bytes(5));
            assertThat(told.versions()).containsExactly(1L, 6L);
            assertThat(watch.isOpen()).isTrue();
        }
    }

    @Test
    void aListenerThatThrowsReceivesTheNextVersion() {
        ToolGate gate = gates.gate(store);
        Lease lease = claimElsewhere(KEY);
        Told told = new Told();
        Consumer<Progress> throwing = news -> {
            told.accept(news);
            throw new AssertionError("a listener that throws");
        };
        try (Watch watch = gate.watch(action, KEY, throwing)) {
            told.await(1);
            applied(other.checkpoint(lease, "page", value(1)));
            told.await(2);
            assertThat(watch.isOpen()).isTrue();
        }
    }

    @Test
    void anOutageOfTheStoreDelaysVersionsAndLosesNotTheLatest() {
        ToolGate gate = gates.gate(store);
        Lease lease = claimElsewhere(KEY);
        Told told = new Told();
        try (Watch watch = gate.watch(action, KEY, told)) {
            told.await(1);
            store.hooks().failNext(Operation.HISTORY, 1);
            applied(other.checkpoint(lease, "page", value(1)));
            assertThat(told.await(2).checkpoint("page")).contains(bytes(1));
            store.hooks().outage(true);
            awaitLooks(2);
            applied(other.complete(lease, value(1)));
            store.hooks().outage(false);
            assertThat(told.await(3).state()).isEqualTo(RecordState.COMPLETED);
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
            public Optional<IdempotencyRecord> peek(RecordId asked) {
                if (asked.equals(bad) && broken.getAndDecrement() > 0) {
                    throw new StoreException.Corrupt("a row that makes no sense", null);
                }
                return target().peek(asked);
            }
        });
        Told toldOfBad = new Told();
        Told told = new Told();
        try (Watch watchOfBad = gate.watch(action, IdempotencyKey.of("bad"), toldOfBad);
                Watch watch = gate.watch(action, KEY, told)) {
            told.await(1);
            assertThat(toldOfBad.await(1).version()).as("the version, once it can be read").isEqualTo(1);
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
        Told told = new Told();
        try (Watch watch = gate.watch(action, KEY, told)) {
            assertThat(told.await(3).checkpoint("page")).contains(bytes(1));
            store.advance(Duration.ofSeconds(1));
            decide(new ResolveRequest.Verdict.Retire());
            assertThat(told.await(4).state()).isEqualTo(RecordState.RETRYABLE);
            store.advance(Duration.ofSeconds(1));
            claimElsewhere(id, "another input", OnUnknown.HOLD);
            Progress anew = told.await(5);
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
        Told told = new Told();
        Watch watch = gate.watch(action, KEY, told);
        told.await(2);
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
        Told toldOfTheNext = new Told();
        try (Watch next = gate.watch(action, KEY, toldOfTheNext)) {
            assertThat(toldOfTheNext.await(1).version()).isEqualTo(1);
            assertThat(next.isOpen()).isTrue();
        }
        assertThat(told.versions()).containsExactly(2L);
    }

    @Test
    void manyWatchesShareOneReadPerPoll() {
        ToolGate gate = gates.gate(store);
        AtomicInteger mostIds = new AtomicInteger();
        store.hooks()
                .before(Operation.PEEK_ALL, ids -> mostIds.accumulateAndGet(((Collection<?>) ids).size(), Math::max));
        List<Told> all = new ArrayList<>();
        for (int i = 0; i < 40; i++) {
            IdempotencyKey key = IdempotencyKey.of("key-" + i / 2);
            if (i % 2 == 0) {
                claimElsewhere(key);
            }
            all.add(new Told());
            var unused = gate.watch(action, key, all.get(i));
        }
        all.forEach(told -> told.await(1));
        Awaitility.await().atMost(Duration.ofSeconds(20)).until(() -> mostIds.get() == 20);
        int histories = store.hooks().calls(Operation.HISTORY);
        awaitLooks(3);
        assertThat(store.hooks().calls(Operation.HISTORY)).isEqualTo(histories);
        assertThat(store.hooks().calls(Operation.PEEK)).isZero();
    }

    @Test
    void aHintCausesAReadAtOnceAndOneOfAnotherRecordNone() {
        ToolGate gate = gates.gate(store);
        Lease lease = claimElsewhere(KEY);
        Told told = new Told();
        try (Watch watch = gate.watch(action, KEY, told)) {
            told.await(1);
            // Until polls are far apart.
            awaitLooks(10);
            int reads = store.hooks().calls(Operation.PEEK_ALL);
            for (int i = 0; i < 1000; i++) {
                store.hint(IdempotencyKey.of("none").in("charge-card"));
            }
            applied(store.checkpoint(lease, "page", value(1)));
            told.await(2);
            assertThat(store.hooks().calls(Operation.PEEK_ALL) - reads).isLessThan(5);
            assertThat(watch.isOpen()).isTrue();
        }
    }

    @Test
    void aClosedWatchIsSilentAndAClosedGateEndsItsWatches() throws Exception {
        ToolGate gate = gates.gate(store);
        Lease lease = claimElsewhere(KEY);
        Told told = new Told();
        Told toldOn = new Told();
        Watch watch = gate.watch(action, KEY, told);
        Watch goesOn = gate.watch(action, KEY, toldOn);
        told.await(1);
        watch.close();
        watch.close();
        assertThat(watch.isOpen()).isFalse();
        applied(other.checkpoint(lease, "page", value(1)));
        toldOn.await(2);
        assertThat(told.versions()).containsExactly(1L);
        gate.close();
        assertThat(goesOn.isOpen()).isFalse();
        assertThatThrownBy(() -> {
                    try (Watch late = gate.watch(action, KEY, told)) {
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
        mine.set(gate.watch(action, KEY, news -> {
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
        Told told = new Told();
        CountDownLatch goOn = new CountDownLatch(1);
        PaidAction<String, String> slow = Gates.action((input, attempt) -> {
                    attempt.checkpoint("page", bytes(1));
                    Gates.await(goOn);
                    return "receipt";
                })
                .build();
        try (Watch watch = gate.watch(slow, KEY, told)) {
            Future<Outcome<String>> run = gates.start(() -> gate.execute(slow, KEY, "in"));
            assertThat(told.await(2).checkpoint("page")).contains(bytes(1));
            goOn.countDown();
            assertThat(Gates.get(run).isCompleted()).isTrue();
            assertThat(told.await(3).state()).isEqualTo(RecordState.COMPLETED);
            assertThat(watch.isOpen()).isTrue();
        }
    }
}
