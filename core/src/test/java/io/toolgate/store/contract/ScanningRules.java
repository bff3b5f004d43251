package io.toolgate.store.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.toolgate.store.IdempotencyRecord;
import io.toolgate.store.IdempotencyStore;
import io.toolgate.store.Lease;
import io.toolgate.store.RecordId;
import io.toolgate.store.StoreException;
import io.toolgate.store.UnfinishedPage;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.OptionalLong;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Scans over all records: they find every one of unknown effect. */
abstract class ScanningRules extends Rules {
    private static final Duration BRIEF = Duration.ofSeconds(1);

    /** More pages than a scan over the records of a test can have: one that has more does not end. */
    private static final int MAX_PARTS = 10_000;

    /** The records that a whole scan finds, in the order of its pages. */
    private List<IdempotencyRecord> scan(IdempotencyStore store, Duration olderThan) {
        List<IdempotencyRecord> found = new ArrayList<>();
        OptionalLong from = OptionalLong.of(UnfinishedPage.START);
        for (int part = 0; from.isPresent(); part++) {
            assertThat(part).as("pages of a scan that does not end").isLessThan(MAX_PARTS);
            UnfinishedPage page = store.scanUnfinished(olderThan, from.getAsLong());
            found.addAll(page.records());
            page.next().ifPresent(next -> assertThat(next).isNotNegative());
            from = page.next();
        }
        return found;
    }

    private List<RecordId> found(Duration olderThan) {
        return scan(other(), olderThan).stream().map(IdempotencyRecord::id).toList();
    }

    @Test
    @Rule(5)
    void aScanFindsEveryRecordOfUnknownEffectOnceAndNoOther() {
        List<Runnable> makers = new ArrayList<>();
        List<RecordId> unfinished = new ArrayList<>();
        for (int i = 0; i < 12; i++) {
            RecordId doubtful = freshId();
            RecordId vanished = freshId();
            unfinished.add(doubtful);
            unfinished.add(vanished);
            makers.add(() -> failed(doubtful, TIMED_OUT));
            makers.add(() -> acquire(claimOf(vanished).lease(BRIEF)));
            makers.add(() -> own(freshId()));
            makers.add(() -> completed(freshId(), text("receipt")));
            makers.add(() -> failed(freshId(), DECLINED));
            makers.add(() -> failed(freshId(), NOT_SENT));
        }
        Collections.shuffle(makers, new Random(1));
        makers.forEach(Runnable::run);
        advance(BRIEF.plus(MOMENT));
        assertThat(found(Duration.ZERO)).containsExactlyInAnyOrderElementsOf(unfinished);
    }

    @Test
    @Rule(5)
    void aScanReturnsRecordsAsTheyAre() {
        RecordId doubtful = freshId();
        RecordId vanished = freshId();
        failed(doubtful, TIMED_OUT);
        acquire(claimOf(vanished).lease(BRIEF));
        advance(BRIEF.plus(MOMENT));
        assertThat(scan(store(), Duration.ZERO)).hasSize(2).allSatisfy(record -> {
            assertThat(record.isLive()).isFalse();
            assertThat(record.asOf(stored(record.id()).readAt())).isEqualTo(stored(record.id()));
        });
    }

    @Test
    @Rule(5)
    void aScanOfAnEmptyStoreEnds() {
        assertThat(found(Duration.ZERO)).isEmpty();
        completed(freshId(), text("receipt"));
        assertThat(found(Duration.ZERO)).isEmpty();
    }

    @Test
    @Rule(5)
    void aScanContinuesOverDeletedAndNewRecords() {
        List<RecordId> before = new ArrayList<>();
        for (int i = 0; i < 8; i++) {
            completed(freshId(), text("long ago"));
            RecordId doubtful = freshId();
            failed(doubtful, TIMED_OUT);
            before.add(doubtful);
        }
        passRetention();
        assertThat(store().purge(100)).isEqualTo(8);
        RecordId later = freshId();
        failed(later, TIMED_OUT);
        before.add(later);
        assertThat(found(Duration.ZERO)).containsExactlyInAnyOrderElementsOf(before);
    }

    @Test
    @Rule(5)
    void aRecordThatStaysUnfinishedIsFoundWhateverMovesDuringTheScan() {
        List<RecordId> doubts = new ArrayList<>();
        List<Lease> others = new ArrayList<>();
        for (int i = 0; i < 10; i++) {
            RecordId doubtful = freshId();
            failed(doubtful, TIMED_OUT);
            doubts.add(doubtful);
            others.add(own(freshId()));
        }
        List<RecordId> found = new ArrayList<>();
        OptionalLong from = OptionalLong.of(UnfinishedPage.START);
        for (int part = 0; from.isPresent(); part++) {
            UnfinishedPage page = store().scanUnfinished(Duration.ZERO, from.getAsLong());
            page.records().forEach(record -> found.add(record.id()));
            from = page.next();
            if (part < others.size()) {
                applied(other().complete(others.get(part), text("meanwhile")));
                failed(freshId(), DECLINED);
            }
        }
        assertThat(found).containsAll(doubts);
    }

    @Test
    @Rule(5)
    void aScanFindsRecordsThatAreOldEnough() {
        RecordId first = freshId();
        RecordId second = freshId();
        RecordId vanished = freshId();
        failed(first, TIMED_OUT);
        acquire(claimOf(vanished).lease(Duration.ofMinutes(4)));
        advance(Duration.ofMinutes(10));
        failed(second, TIMED_OUT);
        advance(Duration.ofMinutes(10));
        assertThat(found(Duration.ZERO)).containsExactlyInAnyOrder(first, second, vanished);
        assertThat(found(Duration.ofMinutes(5))).containsExactlyInAnyOrder(first, second, vanished);
        assertThat(found(Duration.ofMinutes(15))).containsExactlyInAnyOrder(first, vanished);
        assertThat(found(Duration.ofMinutes(18))).containsExactly(first);
        assertThat(found(Duration.ofMinutes(30))).isEmpty();
    }

    @Test
    @Rule(5)
    void aScanNeverReturnsALiveRecord() {
        Lease beating = own(freshId());
        Lease silent = own(freshId());
        Duration most = LEASE.multipliedBy(2).dividedBy(3);
        advance(most);
        assertThat(store().heartbeat(List.of(beating), LEASE)).containsExactly(beating);
        assertThat(found(Duration.ZERO)).isEmpty();
        advance(most);
        assertThat(found(Duration.ZERO)).containsExactly(silent.id());
    }

    @Test
    @Rule(5)
    void aScanChangesNothing() {
        RecordId vanished = freshId();
        own(vanished);
        expireLease();
        changesNothing(vanished, () -> assertThat(found(Duration.ZERO)).containsExactly(vanished));
    }

    @Test
    @Rule(12)
    void nullAndAClosedStoreAreRefusedByType() {
        assertThatThrownBy(() -> store().scanUnfinished(null, UnfinishedPage.START))
                .isInstanceOf(NullPointerException.class);
        var closed = fixture().open();
        closed.close();
        assertThatThrownBy(() -> closed.scanUnfinished(Duration.ZERO, UnfinishedPage.START))
                .isInstanceOf(StoreException.Closed.class);
    }
}
