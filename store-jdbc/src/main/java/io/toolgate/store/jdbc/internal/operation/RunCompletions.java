package io.toolgate.store.jdbc.internal.operation;

import io.toolgate.Failure;
import io.toolgate.store.ClaimMachine;
import io.toolgate.store.ClaimMachine.Decision;
import io.toolgate.store.IdempotencyRecord;
import io.toolgate.store.Lease;
import io.toolgate.store.Payload;
import io.toolgate.store.RecordId;
import io.toolgate.store.RecordState;
import io.toolgate.store.RunEffect;
import io.toolgate.store.TransitionOutcome;
import io.toolgate.store.TransitionOutcome.Applied;
import io.toolgate.store.jdbc.internal.commit.GroupCommit;
import io.toolgate.store.jdbc.internal.commit.SingleStatementWrites;
import io.toolgate.store.jdbc.internal.commit.Write;
import io.toolgate.store.jdbc.internal.commit.Write.Completed;
import io.toolgate.store.jdbc.internal.sql.RecordMapper;
import io.toolgate.store.jdbc.internal.sql.RetryLoop;
import io.toolgate.store.jdbc.internal.sql.RetryLoop.OnInterrupt;
import io.toolgate.store.jdbc.internal.sql.SqlRunner;
import java.time.Instant;
import java.util.function.Function;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Completes runs for their owners, with a result or a failure.
 *
 * <p>The token in the statement's condition identifies the owner; the clock plays no part (rule 4 of SPEC.md). The
 * common case is one statement. Only if that changes nothing is the record read, and {@link ClaimMachine} tells a
 * repetition from a late result for a record in doubt, and from a lost lease.
 *
 * <p>Race: the acknowledgement of a completion is lost; the next try finds its own token in the completed record, and
 * waits until that is replicated ({@code confirm.sql}).
 */
public final class RunCompletions {
    private final GroupCommit commits;
    private final RecordReads reads;
    private final RetryLoop retries;

    public RunCompletions(GroupCommit commits, RecordReads reads, RetryLoop retries) {
        this.commits = commits;
        this.reads = reads;
        this.retries = retries;
    }

    public TransitionOutcome complete(Lease lease, Payload result) {
        return complete(lease, "the completion of ", new Success(RecordMapper.asStored(result)));
    }

    public TransitionOutcome fail(Lease lease, Failure failure, RunEffect effect) {
        return complete(lease, "the failure of ", new Failed(failure, effect));
    }

    /** One try of a completion inside a caller's transaction; null if the record is no longer this owner's. */
    public static @Nullable TransitionOutcome completeOnce(SqlRunner within, Lease lease, Payload result) {
        return applied(
                lease,
                new Success(RecordMapper.asStored(result)),
                RecordState.IN_PROGRESS,
                new SingleStatementWrites(within)::write);
    }

    /**
     * One try of a completion inside a transaction of the store's; null if the record moved meanwhile. One that an
     * earlier try has written is still to be {@linkplain RecordReads#confirm confirmed}.
     */
    public static @Nullable TransitionOutcome completeWithin(SqlRunner within, Lease lease, Payload result) {
        return attempt(
                lease,
                new Success(RecordMapper.asStored(result)),
                new SingleStatementWrites(within)::write,
                id -> RecordReads.read(within, id),
                own -> true);
    }

    private TransitionOutcome complete(Lease lease, String what, Completion completion) {
        return retries.run(
                () -> what + lease.id(),
                OnInterrupt.FINISH,
                () -> attempt(lease, completion, commits::run, reads::read, reads::confirm));
    }

    private static @Nullable TransitionOutcome attempt(
            Lease lease,
            Completion completion,
            Write.Sender sender,
            Function<RecordId, @Nullable IdempotencyRecord> reader,
            Predicate<IdempotencyRecord> confirmation) {
        TransitionOutcome completed = applied(lease, completion, RecordState.IN_PROGRESS, sender);
        if (completed != null) {
            return completed;
        }
        IdempotencyRecord current = reader.apply(lease.id());
        // Without a record the time does not matter.
        Instant now = current == null ? Instant.EPOCH : current.readAt();
        Decision<TransitionOutcome> decision = completion.decide(current, lease, now);
        if (current == null || decision.next().isEmpty()) {
            return current == null || !current.token().equals(lease.token()) || confirmation.test(current)
                    ? decision.outcome()
                    : null;
        }
        // Race: a claim takes the record over between the read and this write; the token in the condition stops it.
        return applied(lease, completion, current.state(), sender);
    }

    private static @Nullable TransitionOutcome applied(
            Lease lease, Completion completion, RecordState expected, Write.Sender sender) {
        Completed completed = sender.send(completion.write(lease, expected));
        return completed == null
                ? null
                : new Applied(expected, completion.target(), completed.version(), completed.at());
    }

    /** A completion: a success or a failure. */
    private sealed interface Completion {
        RecordState target();

        Write<Completed> write(Lease lease, RecordState expected);

        Decision<TransitionOutcome> decide(@Nullable IdempotencyRecord current, Lease lease, Instant now);
    }

    private record Success(Payload result) implements Completion {
        @Override
        public RecordState target() {
            return RecordState.COMPLETED;
        }

        @Override
        public Write<Completed> write(Lease lease, RecordState expected) {
            return new Write.Completion(lease, expected, target(), result, null, null);
        }

        @Override
        public Decision<TransitionOutcome> decide(@Nullable IdempotencyRecord current, Lease lease, Instant now) {
            return ClaimMachine.complete(current, lease, result, now);
        }
    }

    private record Failed(Failure failure, RunEffect effect) implements Completion {
        @Override
        public RecordState target() {
            return ClaimMachine.stateAfter(failure);
        }

        @Override
        public Write<Completed> write(Lease lease, RecordState expected) {
            return new Write.Completion(lease, expected, target(), null, failure, effect);
        }

        @Override
        public Decision<TransitionOutcome> decide(@Nullable IdempotencyRecord current, Lease lease, Instant now) {
            return ClaimMachine.fail(current, lease, failure, effect, now);
        }
    }
}
