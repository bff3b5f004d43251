package io.toolgate.store.jdbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.toolgate.Failure;
import io.toolgate.migrations.ToolGateMigrations;
import io.toolgate.store.ClaimMachine;
import io.toolgate.store.ClaimOutcome;
import io.toolgate.store.ClaimToken;
import io.toolgate.store.KeyHistory;
import io.toolgate.store.Lease;
import io.toolgate.store.Payload;
import io.toolgate.store.RecordId;
import io.toolgate.store.RecordNumbers;
import io.toolgate.store.RecordState;
import io.toolgate.store.ResolveOutcome.Refused;
import io.toolgate.store.ResolveOutcome.Resolved;
import io.toolgate.store.ResolveRequest;
import io.toolgate.store.ResolveRequest.Verdict;
import io.toolgate.store.RunEffect;
import io.toolgate.store.StoreException;
import io.toolgate.store.TransitionOutcome.AlreadyApplied;
import io.toolgate.store.TransitionOutcome.Applied;
import io.toolgate.store.TransitionOutcome.LeaseLost;
import io.toolgate.store.contract.Rule;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What the journal says: a row for each transition and for nothing else, on either database. */
abstract class JournalRules {
    private Backend backend;
    private JdbcIdempotencyStore store;

    abstract Backend openBackend();

    /** Makes the journal take no row. */
    abstract String refuseRows();

    /** Undoes that. */
    abstract String takeRowsAgain();

    @BeforeEach
    void open() {
        backend = openBackend();
        store = backend.builder().migrate(true).journal(true).open();
    }

    @AfterEach
    void close() {
        store.close();
        ToolGateMigrations.switchJournal(backend.dataSource(), false);
        backend.close();
    }

    /** The rows in short: version, fence, from, to, owner, and whatever else a row says. */
    private List<String> entries(RecordId id) {
        List<String> lines = new ArrayList<>();
        for (JournalEntry entry : store.journal(id)) {
            List<String> words = new ArrayList<>();
            words.add(entry.version() + "/" + entry.fence());
            words.add((entry.from() == null ? "" : entry.from() + ">") + entry.to());
            for (Object word : new Object[] {
                entry.checkpoint(), entry.failureCode(), entry.decision(), entry.operator(), entry.reason()
            }) {
                if (word != null) {
                    words.add(word.toString());
                }
            }
            lines.add(String.join(" ", words));
            assertThat(entry.owner()).isEqualTo("test");
            assertThat(entry.recordId()).isEqualTo(id.toUuid());
        }
        return lines;
    }

    @Test
    @Rule({3, 11})
    void aSuppliedResultIsATransitionWithItsDecision() {
        RecordId id = TestRequests.freshId();
        Lease owner = TestRequests.acquired(store, TestRequests.take(id));
        assertThat(store.complete(owner, Payload.unavailable(Failure.rejected("too-large", ""))))
                .isInstanceOf(Applied.class);
        assertThat(store.resolve(TestRequests.decide(store, id, new Verdict.Completed(TestRequests.result("paid")))))
                .isInstanceOf(Resolved.class);
        assertThat(entries(id))
                .containsExactly(
                        "1/1 IN_PROGRESS",
                        "2/1 IN_PROGRESS>COMPLETED too-large",
                        "3/1 COMPLETED>COMPLETED COMPLETED ann it was so");
    }

    @Test
    void everyTransitionAndNothingElseWritesOneRow() {
        RecordId id = TestRequests.freshId();
        Lease first = TestRequests.acquired(store, TestRequests.take(id));
        assertThat(store.heartbeat(List.of(first), Duration.ofMinutes(5))).isEqualTo(Set.of(first));
        assertThat(store.checkpoint(first, "sent", TestRequests.result("1"))).isInstanceOf(Applied.class);
        assertThat(store.checkpoint(first, "sent", TestRequests.result("1"))).isInstanceOf(AlreadyApplied.class);
        assertThat(store.fail(first, Failure.unknown("timeout", "no answer"))).isInstanceOf(Applied.class);
        assertThat(store.fail(first, Failure.unknown("timeout", "no answer"))).isInstanceOf(AlreadyApplied.class);
        assertThat(store.checkpoint(first, "toolgate:probe", TestRequests.result("unknown")))
                .isInstanceOf(Applied.class);
        assertThat(store.complete(new Lease(id, TestRequests.token(), 1), TestRequests.result("paid")))
                .isInstanceOf(LeaseLost.class);
        assertThat(store.complete(first, TestRequests.result("paid"))).isInstanceOf(Applied.class);
        assertThat(store.complete(first, TestRequests.result("paid"))).isInstanceOf(AlreadyApplied.class);
        assertThat(store.claim(TestRequests.take(id))).isInstanceOf(ClaimOutcome.Finished.class);
        ResolveRequest retire = TestRequests.retire(store, id);
        assertThat(store.resolve(retire)).isInstanceOf(Resolved.class);
        assertThat(store.resolve(retire)).isNotInstanceOf(Refused.class);
        assertThat(store.resolve(TestRequests.retire(store, id))).isInstanceOf(Refused.class);
        Lease second = TestRequests.acquired(store, TestRequests.take(id));
        assertThat(store.claim(TestRequests.take(id))).isInstanceOf(ClaimOutcome.Busy.class);
        assertThat(store.fail(second, Failure.notExecuted("refused", ""), RunEffect.NOT_STARTED))
                .isInstanceOf(Applied.class);
        Lease third = TestRequests.acquired(store, TestRequests.take(id));
        backend.advance(TestRequests.LEASE.plusSeconds(1));
        assertThat(store.claim(TestRequests.hold(id))).isInstanceOf(ClaimOutcome.InDoubt.class);
        assertThat(store.resolve(TestRequests.decide(store, id, new Verdict.Retry())))
                .isInstanceOf(Resolved.class);
        assertThat(store.complete(third, TestRequests.result("late"))).isInstanceOf(LeaseLost.class);
        Lease fourth = TestRequests.acquired(store, TestRequests.take(id));
        assertThat(store.fail(fourth, Failure.rejected("declined", "no funds"))).isInstanceOf(Applied.class);
        backend.advance(TestRequests.RETENTION.multipliedBy(2));
        Lease unused = TestRequests.acquired(store, TestRequests.take(id));

        assertThat(entries(id))
                .containsExactly(
                        "1/1 IN_PROGRESS",
                        "2/1 IN_PROGRESS>IN_PROGRESS sent",
                        "3/1 IN_PROGRESS>IN_DOUBT timeout",
                        "4/1 IN_DOUBT>IN_DOUBT toolgate:probe timeout",
                        "5/1 IN_DOUBT>COMPLETED",
                        "6/1 COMPLETED>RETRYABLE toolgate:retired RETIRED ann it was so",
                        "7/2 RETRYABLE>IN_PROGRESS",
                        "8/2 IN_PROGRESS>RETRYABLE refused",
                        "9/3 RETRYABLE>IN_PROGRESS",
                        "10/3 IN_PROGRESS>IN_DOUBT owner-vanished",
                        "11/3 IN_DOUBT>RETRYABLE toolgate:resolved RETRY ann it was so",
                        "12/4 RETRYABLE>IN_PROGRESS",
                        "13/4 IN_PROGRESS>REJECTED declined",
                        "14/5 REJECTED>IN_PROGRESS");
        assertThat(store.journal(TestRequests.freshId())).isEmpty();
    }

    @Test
    void aRowHasItsTimeAndTheEndOfTheLease() {
        RecordId id = TestRequests.freshId();
        Lease lease = TestRequests.acquired(store, TestRequests.take(id));
        Instant claimedFor = store.peek(id).orElseThrow().leaseUntil();
        assertThat(store.heartbeat(List.of(lease), Duration.ofMinutes(5))).isEqualTo(Set.of(lease));
        Instant renewedTo = store.peek(id).orElseThrow().leaseUntil();
        assertThat(store.fail(lease, Failure.unknown("timeout", "no answer"))).isInstanceOf(Applied.class);
        Instant doubtedAt = store.peek(id).orElseThrow().updatedAt();
        Applied marked = (Applied) store.checkpoint(lease, "probe", TestRequests.result("unknown"));
        assertThat(store.peek(id).orElseThrow().updatedAt()).isEqualTo(doubtedAt);
        List<JournalEntry> entries = store.journal(id);
        assertThat(entries).hasSize(3);
        assertThat(entries.get(0).from()).isNull();
        assertThat(entries.get(0).leaseUntil()).isEqualTo(claimedFor);
        assertThat(entries.get(0).previousLeaseUntil()).isNull();
        assertThat(entries.get(1).at()).isEqualTo(doubtedAt);
        assertThat(entries.get(1).leaseUntil()).isNull();
        assertThat(entries.get(1).previousLeaseUntil()).isEqualTo(renewedTo).isAfter(claimedFor);
        assertThat(entries.get(1).failureMessage()).isEqualTo("no answer");
        assertThat(entries.get(2).at())
                .as("when the mark was left, which is not when the doubt began")
                .isEqualTo(marked.at());
        assertThat(entries).extracting(JournalEntry::entry).isSorted();
    }

    @Test
    void aRolledBackTransitionWritesNoRow() throws SQLException {
        RecordId id = TestRequests.freshId();
        Lease lease = TestRequests.acquired(store, TestRequests.take(id));
        try (Connection connection = backend.dataSource().getConnection();
                var statement = connection.createStatement()) {
            connection.setAutoCommit(false);
            assertThat(statement.executeUpdate("UPDATE tg_idempotency SET version = version + 1"))
                    .isPositive();
            connection.rollback();
        }
        assertThat(store.complete(lease, TestRequests.result("paid"))).isInstanceOf(Applied.class);
        assertThat(entries(id)).containsExactly("1/1 IN_PROGRESS", "2/1 IN_PROGRESS>COMPLETED");
    }

    @Test
    void aTransitionWhoseRowCannotBeWrittenDoesNotHappen() {
        RecordId id = TestRequests.freshId();
        Lease lease = TestRequests.acquired(store, TestRequests.take(id));
        backend.run(refuseRows());
        try {
            assertThatThrownBy(() -> store.complete(lease, TestRequests.result("paid")))
                    .isInstanceOf(StoreException.Refused.class);
            assertThat(store.peek(id).orElseThrow().state()).isEqualTo(RecordState.IN_PROGRESS);
        } finally {
            backend.run(takeRowsAgain());
        }
        assertThat(store.complete(lease, TestRequests.result("paid"))).isInstanceOf(Applied.class);
        assertThat(entries(id)).hasSize(2);
    }

    @Test
    void theJournalIsSwitchedOffAndOnUnderAnOpenStore() {
        RecordId id = TestRequests.freshId();
        Lease lease = TestRequests.acquired(store, TestRequests.take(id));
        backend.builder().migrate(true).journal(false).open().close();
        assertThat(store.checkpoint(lease, "sent", TestRequests.result("1"))).isInstanceOf(Applied.class);
        backend.builder().migrate(true).open().close();
        assertThat(store.checkpoint(lease, "sent", TestRequests.result("2"))).isInstanceOf(Applied.class);
        assertThatThrownBy(() -> backend.builder().migrate(false).journal(true).open())
                .hasMessageContaining("journal_on.sql");
        backend.builder().migrate(true).journal(true).open().close();
        assertThat(store.complete(lease, TestRequests.result("paid"))).isInstanceOf(Applied.class);
        backend.builder().migrate(false).journal(true).open().close();
        assertThat(entries(id)).containsExactly("1/1 IN_PROGRESS", "4/1 IN_PROGRESS>COMPLETED");
    }

    @Test
    @Rule(13)
    void decisionsOutliveTheirRecordWhileTheJournalIsOnAndANewRecordIgnoresAnExpiredRetirement() {
        RecordId id = TestRequests.freshId();
        retireAndPurge(id);
        assertThat(store.history(id, 10).entries())
                .extracting(KeyHistory.Entry::decision)
                .containsExactly(KeyHistory.Decision.RETIRED);
        Lease lease = TestRequests.acquired(store, TestRequests.take(id));
        for (int attempt = 1; attempt < 4; attempt++) {
            assertThat(lease.fence()).isEqualTo(attempt);
            assertThat(store.peek(id).orElseThrow().numbers().life()).isEqualTo(1);
            assertThat(store.fail(lease, Failure.notExecuted("refused", ""), RunEffect.NOT_STARTED))
                    .isInstanceOf(Applied.class);
            lease = TestRequests.acquired(store, TestRequests.take(id));
        }
        assertThat(store.complete(lease, TestRequests.result("paid"))).isInstanceOf(Applied.class);
        assertThat(store.resolve(TestRequests.retire(store, id))).isInstanceOf(Resolved.class);
        assertThat(TestRequests.acquired(store, TestRequests.take(id)).fence()).isEqualTo(5);
        assertThat(store.peek(id).orElseThrow().numbers()).isEqualTo(new RecordNumbers(2, 1, 0, 1));
    }

    @Test
    @Rule(13)
    void decisionsAreDeletedWithTheirRecordWhileTheJournalIsOff() {
        ToolGateMigrations.switchJournal(backend.dataSource(), false);
        RecordId id = TestRequests.freshId();
        retireAndPurge(id);
        assertThat(store.history(id, 10)).isEqualTo(KeyHistory.EMPTY);
        assertThat(backend.one("SELECT count(*) FROM tg_idempotency_history")).isEqualTo("0");
    }

    private void retireAndPurge(RecordId id) {
        assertThat(store.complete(TestRequests.acquired(store, TestRequests.take(id)), TestRequests.result("paid")))
                .isInstanceOf(Applied.class);
        assertThat(store.resolve(TestRequests.retire(store, id))).isInstanceOf(Resolved.class);
        assertThat(ClaimMachine.isRetired(store.peek(id).orElseThrow())).isTrue();
        assertThat(store.purge(10)).isZero();
        backend.advance(TestRequests.RETENTION);
        assertThat(store.purge(10)).isEqualTo(1);
        assertThat(store.peek(id)).isEmpty();
    }

    @Test
    @Rule(14)
    void aRepeatedDecisionWritesNoSecondRow() {
        RecordId id = TestRequests.freshId();
        Lease lease = TestRequests.acquired(store, TestRequests.take(id));
        assertThat(store.fail(lease, Failure.unknown("timeout", ""))).isInstanceOf(Applied.class);
        ClaimToken token = TestRequests.token();
        for (int i = 0; i < 2; i++) {
            var unused = store.resolve(new ResolveRequest(
                    id, 1, 2, token, new Verdict.Completed(TestRequests.result("paid")), "ann", "the bank says so"));
        }
        assertThat(entries(id))
                .containsExactly(
                        "1/1 IN_PROGRESS",
                        "2/1 IN_PROGRESS>IN_DOUBT timeout",
                        "3/1 IN_DOUBT>COMPLETED COMPLETED ann the bank says so");
    }
}
