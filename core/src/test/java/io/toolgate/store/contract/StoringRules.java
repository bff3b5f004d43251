package io.toolgate.store.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.toolgate.Failure;
import io.toolgate.store.Lease;
import io.toolgate.store.Payload;
import io.toolgate.store.RecordId;
import io.toolgate.store.RecordState;
import io.toolgate.store.ResolveOutcome.RefusalReason;
import io.toolgate.store.ResolveOutcome.Refused;
import io.toolgate.store.ResolveRequest;
import io.toolgate.store.ResolveRequest.Verdict;
import io.toolgate.store.Rows;
import io.toolgate.store.StoreException;
import io.toolgate.store.TransitionOutcome.Applied;
import io.toolgate.store.contract.StoreUnderTest.Capability;
import java.util.List;
import java.util.concurrent.Callable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Rows that belong to a result: they are there exactly where it is. */
abstract class StoringRules extends Rules {
    private static final int ROUNDS = 10;

    @BeforeEach
    void assumeRows() {
        fixture().assume(Capability.WRITES_ROWS);
    }

    private Rows<?> row(String text) {
        return fixture().row(text);
    }

    private List<String> rows() {
        return fixture().rows();
    }

    /** Rows of which the first is written, and the second cannot be. */
    private <C> Rows<C> failing(Rows<C> first) {
        return new Rows<>(first.connection(), connection -> {
            first.writer().write(connection);
            throw new IllegalStateException("the second row cannot be written");
        });
    }

    @Test
    @Rule(18)
    void aCompletionWritesItsRowsAndARepetitionWritesNone() {
        Lease lease = own(freshId());
        applied(store().complete(lease, text("receipt"), row("r")));
        alreadyApplied(other().complete(lease, text("receipt"), row("again")));
        leaseLost(store().complete(lease, text("other"), row("other")));
        assertThat(rows()).containsExactly("r");
        assertThat(stored(lease.id()).result()).isEqualTo(text("receipt"));
    }

    @Test
    @Rule(18)
    void rowsThatFailLeaveNeitherRowNorResultAndTheNextTryWritesBoth() {
        Lease lease = own(freshId());
        changesNothing(
                lease.id(),
                () -> assertThatThrownBy(() -> store().complete(lease, text("receipt"), failing(row("r"))))
                        .isInstanceOf(StoreException.RowsFailed.class)
                        .hasMessageContaining("the second row cannot be written")
                        .hasRootCauseMessage("the second row cannot be written"));
        assertThat(rows()).isEmpty();
        applied(store().complete(lease, text("receipt"), row("r")));
        assertThat(rows()).containsExactly("r");
    }

    @Test
    @Rule(18)
    void aStaleOwnerWritesNoRows() {
        RecordId id = freshId();
        Lease stale = failed(id, NOT_SENT);
        Lease next = own(id);
        leaseLost(store().complete(stale, text("stale"), row("stale")));
        assertThat(rows()).isEmpty();
        applied(store().complete(next, text("receipt"), row("r")));
        assertThat(rows()).containsExactly("r");
    }

    @Test
    @Rule(18)
    void aLateResultOfADoubtWritesItsRows() {
        Lease lease = failed(freshId(), TIMED_OUT);
        Applied applied = applied(store().complete(lease, text("late"), row("late")));
        assertThat(applied.previous()).isEqualTo(RecordState.IN_DOUBT);
        assertThat(rows()).containsExactly("late");
    }

    @Test
    @Rule(18)
    void aDecisionWritesItsRowsOnceOrChangesNothing() {
        RecordId id = freshId();
        Lease owner = failed(id, TIMED_OUT);
        ResolveRequest request = decision(id, new Verdict.Completed(text("told")));
        changesNothing(
                id,
                () -> assertThatThrownBy(() -> store().resolve(request, failing(row("r"))))
                        .isInstanceOf(StoreException.RowsFailed.class));
        assertThat(store().history(id, 10).entries()).isEmpty();
        resolved(store().resolve(request, row("r")));
        alreadyResolved(other().resolve(request, row("again")));
        refused(
                store().resolve(decision(id, new Verdict.Completed(text("again"))), row("again")),
                RefusalReason.FINISHED);
        leaseLost(store().complete(owner, text("late"), row("late")));
        assertThat(rows()).containsExactly("r");
        assertThat(store().history(id, 10).entries()).hasSize(1);
    }

    @Test
    @Rule(18)
    void aResultThatIsSuppliedLaterWritesNoRows() {
        RecordId id = freshId();
        Lease owner = own(id);
        applied(store().complete(owner, Payload.unavailable(DECLINED), row("r")));
        ResolveRequest request = decision(id, new Verdict.Completed(text("told")));
        resolved(store().resolve(request, failing(row("again"))));
        alreadyResolved(other().resolve(request, row("again")));
        leaseLost(store().complete(owner, text("late"), row("late")));
        assertThat(rows()).containsExactly("r");
        assertThat(stored(id).result()).isEqualTo(text("told"));
    }

    @Test
    @Rule(18)
    void aRecordThatStoresRowsIsCompletedByADecisionOnlyIfItSettlesThem() {
        RecordId id = freshId();
        Lease owner =
                acquired(store().claim(claimOf(id).storingRows().request())).lease();
        assertThat(stored(id).storesRows()).isTrue();
        applied(store().fail(owner, TIMED_OUT));
        changesNothing(id, () -> {
            Refused refused = refused(
                    store().resolve(decision(id, new Verdict.Completed(text("told")))), RefusalReason.STORES_ROWS);
            assertThat(refused.current())
                    .hasValueSatisfying(
                            current -> assertThat(current.storesRows()).isTrue());
        });
        resolved(store().resolve(decision(id, new Verdict.Retry())));
        assertThat(stored(id).storesRows()).isTrue();
        // The latest claim decides: it is the one whose owner would have written them.
        applied(store().fail(own(id), TIMED_OUT));
        assertThat(stored(id).storesRows()).isFalse();
        resolved(store().resolve(decision(id, new Verdict.Completed(text("told")))));
        RecordId settled = freshId();
        applied(store().fail(
                        acquired(store().claim(claimOf(settled).storingRows().request()))
                                .lease(),
                        TIMED_OUT));
        resolved(store().resolve(decision(settled, new Verdict.Completed(text("told"), true))));
        assertThat(store().history(settled, 1).entries())
                .allSatisfy(entry -> assertThat(entry.before().storesRows()).isTrue());
        assertThat(rows()).isEmpty();
    }

    @Test
    @Rule(18)
    void aVanishedOwnersRecordKeepsThatItStoresRows() {
        RecordId id = freshId();
        Lease owner =
                acquired(store().claim(claimOf(id).storingRows().request())).lease();
        assertThat(store().heartbeat(List.of(owner), LEASE)).containsExactly(owner);
        advance(LEASE);
        inDoubt(store().claim(claimOf(id).request()));
        assertThat(stored(id).storesRows()).isTrue();
        refused(store().resolve(decision(id, new Verdict.Completed(text("told")))), RefusalReason.STORES_ROWS);
        resolved(store().resolve(decision(id, new Verdict.Completed(text("told"), true)), row("r")));
        assertThat(rows()).containsExactly("r");
    }

    @Test
    @Rule(18)
    void aLateResultAndADecisionThatRaceLeaveTheRowsOfTheOneThatWon() throws Exception {
        try (Race race = new Race(2)) {
            for (int round = 0; round < ROUNDS; round++) {
                RecordId id = freshId();
                Lease lease = failed(id, TIMED_OUT);
                ResolveRequest request = decision(id, new Verdict.Completed(text("told")));
                String prefix = round + " ";
                Rows<?> late = row(prefix + "late");
                Rows<?> told = row(prefix + "told");
                List<Object> unused = race.run(List.<Callable<Object>>of(
                        () -> store().complete(lease, text("late"), late), () -> other().resolve(request, told)));
                boolean lateWon = text("late").equals(stored(id).result());
                assertThat(rows().stream().filter(row -> row.startsWith(prefix)))
                        .containsExactly(prefix + (lateWon ? "late" : "told"));
            }
        }
    }

    @Test
    @Rule(18)
    void aRepetitionThatRacesWithItselfWritesOneRow() throws Exception {
        try (Race race = new Race(4)) {
            for (int round = 0; round < ROUNDS; round++) {
                Lease lease = own(freshId());
                String text = "round " + round;
                Rows<?> row = row(text);
                Callable<Object> call = () -> store().complete(lease, text("receipt"), row);
                Callable<Object> elsewhere = () -> other().complete(lease, text("receipt"), row);
                List<Object> unused = race.run(List.of(call, elsewhere, call, elsewhere));
                assertThat(rows().stream().filter(text::equals)).hasSize(1);
            }
        }
    }

    @Test
    @Rule(18)
    void rowsForAnotherKindOfConnectionAreRefusedUnwritten() {
        Lease lease = own(freshId());
        Rows<?> foreign = new Rows<>(StringBuilder.class, builder -> builder.append("row"));
        assertThat(store().offers(StringBuilder.class)).isFalse();
        changesNothing(lease.id(), () -> {
            assertThatThrownBy(() -> store().complete(lease, text("receipt"), foreign))
                    .isInstanceOf(StoreException.Misconfigured.class)
                    .hasMessageContaining("StringBuilder");
            assertThatThrownBy(() -> store().completeIn(new StringBuilder(), lease, text("receipt"), null))
                    .isInstanceOf(StoreException.Misconfigured.class)
                    .hasMessageContaining("StringBuilder");
        });
        applied(store().fail(lease, Failure.notExecuted("not-sent", "")));
    }
}
