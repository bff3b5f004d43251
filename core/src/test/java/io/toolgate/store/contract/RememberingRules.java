package io.toolgate.store.contract;

import static org.assertj.core.api.Assertions.assertThat;

import io.toolgate.Failure;
import io.toolgate.store.ClaimMachine;
import io.toolgate.store.ClaimOutcome.Acquired;
import io.toolgate.store.IdempotencyRecord;
import io.toolgate.store.KeyHistory;
import io.toolgate.store.KeyHistory.Decision;
import io.toolgate.store.KeyHistory.Entry;
import io.toolgate.store.Lease;
import io.toolgate.store.Payload;
import io.toolgate.store.RecordId;
import io.toolgate.store.RecordNumbers;
import io.toolgate.store.RecordState;
import io.toolgate.store.ResolveOutcome.Resolved;
import io.toolgate.store.ResolveRequest;
import io.toolgate.store.ResolveRequest.Verdict;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

/** History of decisions: its content, and how long it is kept. */
abstract class RememberingRules extends Rules {
    private static final Duration SHORTER = Duration.ofMinutes(10);

    private KeyHistory history(RecordId id) {
        return other().history(id, 100);
    }

    private List<Entry> entries(RecordId id) {
        return history(id).entries();
    }

    /** Decides as the given operator, for the given reason. */
    private Entry remembered(RecordId id, Verdict verdict, String operator, String reason) {
        IdempotencyRecord before = stored(id);
        ResolveRequest request = new ResolveRequest(
                id, before.fence(), before.version(), claimOf(id).request().token(), verdict, operator, reason);
        Resolved resolved = resolved(store().resolve(request));
        List<Entry> entries = entries(id);
        Entry entry = entries.get(entries.size() - 1);
        assertThat(entry.before().asOf(Instant.EPOCH))
                .as("the record before the decision")
                .isEqualTo(before);
        assertThat(entry.before().readAt()).as("when the record was read").isEqualTo(entry.at());
        assertThat(entry.at()).isEqualTo(resolved.at());
        assertThat(entry.operator()).isEqualTo(operator);
        assertThat(entry.reason()).isEqualTo(reason);
        assertThat(entry.decision()).isEqualTo(Decision.of(verdict));
        return entry;
    }

    @Test
    @Rule(13)
    void aDecisionIsRememberedWithTheRecordAsItStood() {
        RecordId doubtful = freshId();
        failed(doubtful, TIMED_OUT);
        Entry first = remembered(doubtful, new Verdict.Retry(), "anna", "the provider has no such charge");
        assertThat(first.decision()).isEqualTo(Decision.RETRY);
        assertThat(first.before().failure()).isEqualTo(TIMED_OUT);
        Lease second = own(doubtful);
        advance(TestClaim.LEASE);
        Entry ended = remembered(doubtful, new Verdict.Completed(text("receipt")), "bert", "ü€😀 \"quoted\"\nline");
        assertThat(ended.decision()).isEqualTo(Decision.COMPLETED);
        assertThat(ended.before().state()).isEqualTo(RecordState.IN_PROGRESS);
        assertThat(ended.before().lease()).isEqualTo(second);
        Entry retired = remembered(doubtful, new Verdict.Retire(), "x".repeat(255), "y".repeat(1000));
        assertThat(retired.before().result()).isEqualTo(text("receipt"));
        RecordId refused = freshId();
        failed(refused, TIMED_OUT);
        assertThat(remembered(refused, new Verdict.Rejected(DECLINED), "carl", "it was declined")
                        .decision())
                .isEqualTo(Decision.REJECTED);
        assertThat(entries(doubtful))
                .extracting(Entry::decision)
                .containsExactly(Decision.RETRY, Decision.COMPLETED, Decision.RETIRED);
    }

    @Test
    @Rule(13)
    void everyFormOfResultIsRemembered() {
        List<Payload> results = List.of(
                text("receipt"),
                Payload.of("text", new byte[0]),
                Payload.ofNull("json"),
                Payload.unavailable(Failure.rejected("too-large", "of 2 MiB")));
        for (Payload result : results) {
            RecordId id = freshId();
            completed(id, result);
            assertThat(remembered(id, new Verdict.Retire(), OPERATOR, REASON)
                            .before()
                            .result())
                    .isEqualTo(result);
        }
        RecordId declined = freshId();
        failed(declined, DECLINED);
        assertThat(remembered(declined, new Verdict.Retire(), OPERATOR, REASON)
                        .before()
                        .failure())
                .isEqualTo(DECLINED);
    }

    @Test
    @Rule(13)
    void historyIsOldestFirstAndItsLimitKeepsTheNewest() {
        RecordId id = freshId();
        for (int i = 1; i <= 12; i++) {
            completed(id, text("receipt " + i));
            retire(id);
        }
        assertThat(fences(store().history(id, 100))).containsExactly(1L, 2L, 3L, 4L, 5L, 6L, 7L, 8L, 9L, 10L, 11L, 12L);
        assertThat(fences(store().history(id, 3))).containsExactly(10L, 11L, 12L);
        assertThat(fences(store().history(id, 0))).isEmpty();
    }

    private static List<Long> fences(KeyHistory history) {
        return history.entries().stream().map(entry -> entry.before().fence()).toList();
    }

    @Test
    @Rule(4)
    void aHistoryIsItsOwnKeysOnly() {
        RecordId one = freshId();
        RecordId two = RecordId.of(one.tenant(), "refund", one.key());
        completed(one, text("receipt"));
        completed(two, text("refund"));
        retire(one);
        assertThat(entries(one)).hasSize(1);
        assertThat(history(two)).isEqualTo(KeyHistory.EMPTY);
        assertThat(entries(one).get(0).before().id()).isEqualTo(one);
    }

    @Test
    @Rule(13)
    void historyIsNeverForgottenWhileItsKeyHasARecord() {
        RecordId id = freshId();
        failed(id, TIMED_OUT);
        decide(id, new Verdict.Retry());
        Lease lease = own(id);
        passRetention();
        passRetention();
        assertThat(store().purge(100)).isZero();
        assertThat(entries(id)).hasSize(1);
        applied(store().complete(lease, text("receipt")));
        assertThat(store().purge(100)).isZero();
        assertThat(entries(id)).hasSize(1);
        passRetention();
        assertThat(store().purge(100)).isEqualTo(1);
        assertThat(history(id)).isEqualTo(KeyHistory.EMPTY);
    }

    /**
     * Otherwise the key would begin anew with the provider key of the run that was retired, and its provider answer
     * with that run's result.
     */
    @Test
    @Rule(13)
    void theRecordAfterARetiredOneIsKeptForTheRetentionOfBoth() {
        RecordId id = freshId();
        completed(id, text("receipt"));
        retire(id);
        completedForShort(id);
        Entry entry = entries(id).get(0);
        assertThat(stored(id).expiresAt()).isAfterOrEqualTo(ClaimMachine.purgeableFrom(entry));
        changesNothing(id, () -> assertThat(store().purge(100)).isZero());
        mismatched(
                store().claim(claimOf(id).forInput("input-2").retention(SHORTER).request()));
        passRetention();
        passRetention();
        assertThat(store().purge(100)).isEqualTo(1);
        assertThat(history(id)).isEqualTo(KeyHistory.EMPTY);
        Acquired again = acquire(claimOf(id));
        assertThat(again.lease().fence()).isEqualTo(1);
        assertThat(again.numbers()).isEqualTo(RecordNumbers.FIRST);
    }

    private void completedForShort(RecordId id) {
        Lease next = acquire(claimOf(id).retention(SHORTER)).lease();
        applied(store().complete(next, text("receipt-2")));
        advance(SHORTER.plus(MOMENT));
    }

    @Test
    @Rule(13)
    void decisionsSurviveTheStoreThatWroteThem() {
        RecordId id = freshId();
        var passing = fixture().open();
        Lease lease = acquired(passing.claim(claimOf(id).request())).lease();
        applied(passing.checkpoint(lease, "sent", text("1")));
        applied(passing.fail(lease, TIMED_OUT));
        resolved(passing.resolve(decision(id, new Verdict.Retry())));
        KeyHistory before = passing.history(id, 100);
        passing.close();
        assertThat(before.checkpoints()).hasSize(1);
        assertThat(before.entries()).hasSize(1);
        assertThat(fixture().open().history(id, 100)).isEqualTo(before);
    }
}
