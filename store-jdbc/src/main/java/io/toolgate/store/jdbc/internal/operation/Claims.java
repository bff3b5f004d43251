package io.toolgate.store.jdbc.internal.operation;

import io.toolgate.Failure;
import io.toolgate.store.ClaimMachine;
import io.toolgate.store.ClaimMachine.Decision;
import io.toolgate.store.ClaimOutcome;
import io.toolgate.store.ClaimOutcome.Acquired;
import io.toolgate.store.ClaimOutcome.Previous;
import io.toolgate.store.ClaimRequest;
import io.toolgate.store.IdempotencyRecord;
import io.toolgate.store.RecordId;
import io.toolgate.store.RecordState;
import io.toolgate.store.jdbc.internal.commit.ClaimStatements;
import io.toolgate.store.jdbc.internal.commit.GroupCommit;
import io.toolgate.store.jdbc.internal.commit.Write.ClaimAnswer;
import io.toolgate.store.jdbc.internal.sql.RetryLoop;
import io.toolgate.store.jdbc.internal.sql.RetryLoop.OnInterrupt;
import io.toolgate.store.jdbc.internal.sql.SqlFiles.Name;
import io.toolgate.store.jdbc.internal.sql.SqlRunner;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * Claims: {@link ClaimMachine} decides on the row as it was read, and a compare-and-set applies the decision to that very
 * row or to none.
 *
 * <p>Races, and what ends each: two claims of an absent key, the primary key; two claims of one state, the token, status and
 * version in the statement's condition; a takeover against a heartbeat of the old owner, which leaves the version alone,
 * the lease in that condition, asked by the database's clock; a claim against its own lost acknowledgement, the token, by
 * which the next try recognises itself.
 */
public final class Claims {
    /** After so many fresh keys in a row the next one is taken for fresh, too, where reading first costs a statement. */
    private static final int PROBABLY_FRESH = 16;

    private final SqlRunner statements;
    private final GroupCommit commits;
    private final RetryLoop attempts;
    private final Runnable guard;

    /** How many claims in a row met no record. Approximate: it decides nothing but what is tried first. */
    private final AtomicInteger freshInARow = new AtomicInteger();

    /** Claims that ask {@code guard} before each try whether this still is the store it was. */
    public Claims(SqlRunner statements, GroupCommit commits, RetryLoop attempts, Runnable guard) {
        this.statements = statements;
        this.commits = commits;
        this.attempts = attempts;
        this.guard = guard;
    }

    public ClaimOutcome claim(ClaimRequest request) {
        OneClaim claim = new OneClaim(request);
        return attempts.run(() -> "the claim of " + request.id(), OnInterrupt.STOP, claim::attempt);
    }

    /** One call. Used by one thread. */
    private final class OneClaim {
        private final ClaimRequest request;
        private final RecordId id;
        private final ClaimStatements steps;

        /** The record that this call tried to take over; the evidence is gone from the table if that succeeded unseen. */
        private @Nullable IdempotencyRecord target;

        private boolean triedBefore;

        OneClaim(ClaimRequest request) {
            this.request = request;
            this.id = request.id();
            this.steps = new ClaimStatements(statements, request);
        }

        @Nullable
        ClaimOutcome attempt() {
            guard.run();
            ClaimAnswer found = look();
            count(found != null && found.record() == null);
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
                return withMemory(current, decision.outcome());
            }
            if (next.state() == RecordState.IN_DOUBT) {
                markInDoubt(current, next);
                // Marked or not: read again, so that the answer is what is stored.
                return null;
            }
            target = current;
            return steps.take(current) ? decision.outcome() : null;
        }

        private void count(boolean fresh) {
            int before = freshInARow.get();
            int now = fresh ? Math.min(PROBABLY_FRESH, before + 1) : 0;
            if (now != before) {
                freshInARow.set(now);
            }
        }

        /**
         * Reads first, so that a replay takes no lock that writers take, unless the key is probably fresh. Whatever becomes of
         * that, the next try reads first: somebody else may have the lock, and the record may be there.
         */
        private @Nullable ClaimAnswer look() {
            boolean direct = !triedBefore && freshInARow.get() >= PROBABLY_FRESH;
            triedBefore = true;
            return direct ? steps.insert(commits::run) : steps.insertOrRead(commits::run);
        }

        private void markInDoubt(IdempotencyRecord current, IdempotencyRecord next) {
            Failure failure = next.failure();
            if (failure == null) {
                throw new IllegalStateException("a doubt without its reason");
            }
            List<Long> unused = statements.write(
                    Name.CLAIM_MARK_IN_DOUBT,
                    s -> s.bindNow()
                            .bind("failureCode", failure.code())
                            .bind("failureMessage", failure.message())
                            .bind("id", id.toUuid())
                            .bind("seenToken", current.token().toUuid())
                            .bind("seenVersion", current.version()),
                    row -> row.getLong("version"));
        }

        /**
         * The answer for a record that needs no write. Race: the acknowledgement of this call's own takeover was lost, and
         * the row shows our token. The machine, which sees only the row, must then assume the worst about the attempt
         * before; this call still knows what it took over.
         */
        private ClaimOutcome withMemory(IdempotencyRecord current, ClaimOutcome outcome) {
            IdempotencyRecord before = target;
            if (before != null
                    && outcome instanceof Acquired acquired
                    && current.fence() == before.fence() + 1
                    && current.version() == before.version() + 1) {
                return new Acquired(
                        acquired.lease(),
                        acquired.version(),
                        new Previous(before.state(), before.fence(), before.failure()));
            }
            return outcome;
        }
    }
}
