package io.toolgate.store.jdbc.internal.operation;

import io.toolgate.Failure;
import io.toolgate.store.ClaimMachine;
import io.toolgate.store.ClaimMachine.Decision;
import io.toolgate.store.ClaimOutcome;
import io.toolgate.store.ClaimOutcome.Acquired;
import io.toolgate.store.ClaimOutcome.InDoubt;
import io.toolgate.store.ClaimOutcome.Previous;
import io.toolgate.store.ClaimRequest;
import io.toolgate.store.IdempotencyRecord;
import io.toolgate.store.RecordId;
import io.toolgate.store.RecordState;
import io.toolgate.store.jdbc.internal.commit.ClaimStatements;
import io.toolgate.store.jdbc.internal.commit.GroupCommit;
import io.toolgate.store.jdbc.internal.commit.SingleStatementWrites;
import io.toolgate.store.jdbc.internal.commit.Write.ClaimAnswer;
import io.toolgate.store.jdbc.internal.sql.RetryLoop;
import io.toolgate.store.jdbc.internal.sql.RetryLoop.OnInterrupt;
import io.toolgate.store.jdbc.internal.sql.SqlFiles.Name;
import io.toolgate.store.jdbc.internal.sql.SqlRunner;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * Claims keys: the first operation of every run. One try of a claim:
 *
 * <ol>
 *   <li>Check that the store is still the database that was opened.
 *   <li>Insert a record, or read the one that is there. On PostgreSQL both are one statement. On SQLite, where an
 *       INSERT locks out all writers even if the record exists, and for a claim with an input, which takes a
 *       transaction, the record is read first, unless recent claims found fresh keys.
 *   <li>Inserted: the key is claimed.
 *   <li>Otherwise {@link ClaimMachine} decides on the record as it was read. Nothing to write (busy, finished, in
 *       doubt, another input): return its decision.
 *   <li>An owner is gone and the record must be put in doubt: mark it, then begin the next try, so that the answer is
 *       what is stored.
 *   <li>The record may be taken over: a compare-and-set on token, status, version and lease takes it over, or changes
 *       nothing. Changed: the key is claimed.
 *   <li>No answer yet, because another caller changed the record: {@link RetryLoop} begins the next try.
 * </ol>
 *
 * <p>The input that a claim carries is stored in the transaction of its insert or takeover.
 *
 * <p>Race: two claims insert the same key; the primary key admits one.
 *
 * <p>Race: two claims take over the same record; the compare-and-set admits one.
 *
 * <p>Race: the owner renews its lease before a takeover is written. That leaves the version as it is, so the
 * compare-and-set also requires that the lease has ended, by the database's clock.
 *
 * <p>Race: the acknowledgement of a claim is lost; the next try recognises its own token in the record, and waits until
 * the record is replicated ({@code confirm.sql}).
 */
public final class Claims {
    /** After so many fresh keys in a row the next claim inserts at once, where reading first costs a statement. */
    private static final int PROBABLY_FRESH = 16;

    /** A claim with a short lease may lose a few races, too. */
    private static final Duration SHORTEST_BUDGET = Duration.ofSeconds(1);

    private final SqlRunner sql;
    private final SingleStatementWrites single;
    private final GroupCommit commits;
    private final RetryLoop retries;
    private final Runnable guard;

    /**
     * The number of claims in a row that found no record. Approximate: it only decides which statement is tried first.
     */
    private final AtomicInteger freshInARow = new AtomicInteger();

    /** @param guard throws if this is no longer the database that was opened; run before each try */
    public Claims(SqlRunner sql, SingleStatementWrites single, GroupCommit commits, RetryLoop retries, Runnable guard) {
        this.sql = sql;
        this.single = single;
        this.commits = commits;
        this.retries = retries;
        this.guard = guard;
    }

    public ClaimOutcome claim(ClaimRequest request) {
        OneClaim claim = new OneClaim(request);
        // An answer that comes later than the lease ends is of no use to its caller.
        Duration most = request.lease().compareTo(SHORTEST_BUDGET) > 0 ? request.lease() : SHORTEST_BUDGET;
        return retries.within(most).run(() -> "the claim of " + request.id(), OnInterrupt.STOP, claim::attempt);
    }

    /** State of one claim over its tries. Used by one thread. */
    private final class OneClaim {
        private final ClaimRequest request;
        private final RecordId id;
        private final ClaimStatements steps;

        /**
         * The record that an earlier try tried to take over; if that succeeded unseen, the table no longer shows it.
         */
        private @Nullable IdempotencyRecord target;

        /** The record that an earlier try put in doubt; or tried to, without an answer. */
        private @Nullable IdempotencyRecord marked;

        private boolean triedBefore;

        OneClaim(ClaimRequest request) {
            this.request = request;
            this.id = request.id();
            this.steps = new ClaimStatements(sql, single, request);
        }

        @Nullable
        ClaimOutcome attempt() {
            guard.run();
            ClaimAnswer found = insertOrRead();
            countFresh(found != null && found.record() == null);
            if (found == null) {
                return null;
            }
            Decision<ClaimOutcome> decision = ClaimMachine.claim(found.record(), request, found.at());
            IdempotencyRecord current = found.record();
            if (current == null) {
                return decision.outcome();
            }
            IdempotencyRecord next = decision.write();
            if (next == null) {
                boolean own = current.token().equals(request.token());
                if (own
                        ? !RecordReads.confirm(sql, id, request.token(), current.version())
                        : !RecordReads.mayBeShown(sql, current)) {
                    return null;
                }
                return rememberingMark(current, rememberingTarget(current, decision.outcome()));
            }
            if (next.state() == RecordState.IN_DOUBT) {
                marked = current;
                if (!markInDoubt(current, next)) {
                    marked = null;
                }
                // Marked or not: the next try reads what is stored.
                return null;
            }
            target = current;
            return steps.take(current, next) ? decision.outcome() : null;
        }

        private void countFresh(boolean fresh) {
            int before = freshInARow.get();
            int now = fresh ? Math.min(PROBABLY_FRESH, before + 1) : 0;
            if (now != before) {
                freshInARow.set(now);
            }
        }

        /**
         * Reads first, so that a replay takes no lock of writers, unless the key is probably fresh. Any further try
         * reads first: another caller may have inserted the record.
         */
        private @Nullable ClaimAnswer insertOrRead() {
            boolean direct = !triedBefore && freshInARow.get() >= PROBABLY_FRESH;
            triedBefore = true;
            return direct ? steps.insert(commits::run) : steps.insertOrRead(commits::run);
        }

        private boolean markInDoubt(IdempotencyRecord current, IdempotencyRecord next) {
            Failure failure = next.failure();
            if (failure == null) {
                throw new IllegalStateException("the decision to put " + id + " in doubt has no failure");
            }
            List<Long> versions = sql.write(
                    Name.CLAIM_MARK_IN_DOUBT,
                    s -> s.bindNow()
                            .bind("failureCode", failure.code())
                            .bind("failureMessage", failure.message())
                            .bind("id", id.toUuid())
                            .bind("seenToken", current.token().toUuid())
                            .bind("seenVersion", current.version()),
                    row -> row.getLong("version"));
            return !versions.isEmpty();
        }

        /** The answer, which says whether this claim put the record in doubt. */
        private ClaimOutcome rememberingMark(IdempotencyRecord current, ClaimOutcome outcome) {
            IdempotencyRecord before = marked;
            return before != null
                            && outcome instanceof InDoubt inDoubt
                            && current.version() == before.version() + 1
                            && current.token().equals(before.token())
                    ? new InDoubt(inDoubt.record(), true)
                    : outcome;
        }

        /**
         * The answer for a record that needs no write. Race: the acknowledgement of this call's takeover was lost, and
         * the record shows its token. {@link ClaimMachine}, which sees only the record, must assume the worst about the
         * attempt before; this call still knows which record it took over.
         */
        private ClaimOutcome rememberingTarget(IdempotencyRecord current, ClaimOutcome outcome) {
            IdempotencyRecord before = target;
            if (before != null
                    && outcome instanceof Acquired acquired
                    && current.fence() == before.fence() + 1
                    && current.version() == before.version() + 1) {
                return new Acquired(
                        acquired.lease(),
                        acquired.version(),
                        acquired.numbers(),
                        new Previous(before.state(), before.fence(), before.failure()));
            }
            return outcome;
        }
    }
}
