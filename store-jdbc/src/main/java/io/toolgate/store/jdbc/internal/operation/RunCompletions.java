package io.toolgate.store.jdbc.internal.operation;

import io.toolgate.Failure;
import io.toolgate.store.ClaimMachine;
import io.toolgate.store.ClaimMachine.Decision;
import io.toolgate.store.IdempotencyRecord;
import io.toolgate.store.Lease;
import io.toolgate.store.Payload;
import io.toolgate.store.RecordState;
import io.toolgate.store.TransitionOutcome;
import io.toolgate.store.TransitionOutcome.Applied;
import io.toolgate.store.jdbc.internal.commit.GroupCommit;
import io.toolgate.store.jdbc.internal.commit.SingleStatementWrites;
import io.toolgate.store.jdbc.internal.commit.Write;
import io.toolgate.store.jdbc.internal.commit.Write.Ended;
import io.toolgate.store.jdbc.internal.sql.RecordMapper;
import io.toolgate.store.jdbc.internal.sql.RetryLoop;
import io.toolgate.store.jdbc.internal.sql.RetryLoop.OnInterrupt;
import io.toolgate.store.jdbc.internal.sql.SqlRunner;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * What an owner does to end its run: complete it, fail it.
 *
 * <p>The token in the statement's condition says who may; the clock is never asked (rule 4 of SPEC.md). The common case is
 * one statement. Only where that finds nothing to do is the record read, and {@link ClaimMachine} says whether it is the
 * repetition of what was done, the late truth about a doubt, or somebody else's by now.
 */
public final class RunCompletions {
    private final GroupCommit commits;
    private final RecordReads reads;
    private final RetryLoop attempts;

    public RunCompletions(GroupCommit commits, RecordReads reads, RetryLoop attempts) {
        this.commits = commits;
        this.reads = reads;
        this.attempts = attempts;
    }

    public TransitionOutcome complete(Lease lease, Payload result) {
        return end(lease, "the completion of ", new Completion(RecordMapper.asStored(result)));
    }

    public TransitionOutcome fail(Lease lease, Failure failure) {
        return end(lease, "the failure of ", new Failing(failure));
    }

    /** One try of a completion, within a transaction that is decided elsewhere; null if the record is not this owner's to end. */
    public static @Nullable TransitionOutcome completeOnce(SqlRunner within, Lease lease, Payload result) {
        return applied(
                lease,
                new Completion(RecordMapper.asStored(result)),
                RecordState.IN_PROGRESS,
                new SingleStatementWrites(within)::write);
    }

    private TransitionOutcome end(Lease lease, String what, Ending ending) {
        return attempts.run(() -> what + lease.id(), OnInterrupt.FINISH, () -> attempt(lease, ending));
    }

    private @Nullable TransitionOutcome attempt(Lease lease, Ending ending) {
        TransitionOutcome ended = write(lease, ending, RecordState.IN_PROGRESS);
        if (ended != null) {
            return ended;
        }
        IdempotencyRecord current = reads.read(lease.id());
        // Without a record the time decides nothing.
        Instant now = current == null ? Instant.EPOCH : current.readAt();
        Decision<TransitionOutcome> decision = ending.decide(current, lease, now);
        if (current == null || decision.next().isEmpty()) {
            return decision.outcome();
        }
        // Race: a claim may take the record between the read and this write, and then nothing is written.
        return write(lease, ending, current.state());
    }

    private @Nullable TransitionOutcome write(Lease lease, Ending ending, RecordState expected) {
        return applied(lease, ending, expected, commits::run);
    }

    private static @Nullable TransitionOutcome applied(
            Lease lease, Ending ending, RecordState expected, Write.Sender sender) {
        Ended ended = sender.send(ending.write(lease, expected));
        return ended == null ? null : new Applied(expected, ending.target(), ended.version(), ended.at());
    }

    /** One way to end a run. */
    private sealed interface Ending {
        RecordState target();

        Write<Ended> write(Lease lease, RecordState expected);

        Decision<TransitionOutcome> decide(@Nullable IdempotencyRecord current, Lease lease, Instant now);
    }

    private record Completion(Payload result) implements Ending {
        @Override
        public RecordState target() {
            return RecordState.COMPLETED;
        }

        @Override
        public Write<Ended> write(Lease lease, RecordState expected) {
            return new Write.End(lease, expected, target(), result, null);
        }

        @Override
        public Decision<TransitionOutcome> decide(@Nullable IdempotencyRecord current, Lease lease, Instant now) {
            return ClaimMachine.complete(current, lease, result, now);
        }
    }

    private record Failing(Failure failure) implements Ending {
        @Override
        public RecordState target() {
            return ClaimMachine.stateAfter(failure);
        }

        @Override
        public Write<Ended> write(Lease lease, RecordState expected) {
            return new Write.End(lease, expected, target(), null, failure);
        }

        @Override
        public Decision<TransitionOutcome> decide(@Nullable IdempotencyRecord current, Lease lease, Instant now) {
            return ClaimMachine.fail(current, lease, failure, now);
        }
    }
}
