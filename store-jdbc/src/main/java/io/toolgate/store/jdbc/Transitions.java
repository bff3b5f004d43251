package io.toolgate.store.jdbc;

import io.toolgate.Failure;
import io.toolgate.store.ClaimMachine;
import io.toolgate.store.ClaimMachine.Decision;
import io.toolgate.store.IdempotencyRecord;
import io.toolgate.store.Lease;
import io.toolgate.store.Payload;
import io.toolgate.store.RecordState;
import io.toolgate.store.TransitionOutcome;
import io.toolgate.store.TransitionOutcome.Applied;
import io.toolgate.store.jdbc.Attempts.OnInterrupt;
import io.toolgate.store.jdbc.Write.Ended;
import java.time.Instant;
import java.util.HexFormat;
import java.util.List;
import java.util.UUID;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * What an owner does to end its run: complete it, fail it.
 *
 * <p>The token in the statement's condition says who may; the clock is never asked (rule 4 of SPEC.md). The common case is
 * one statement. Only where that finds nothing to do is the record read, and {@link ClaimMachine} says whether it is the
 * repetition of what was done, the late truth about a doubt, or somebody else's by now.
 */
final class Transitions {
    private final GroupCommit commits;
    private final Reads reads;
    private final Attempts attempts;

    Transitions(GroupCommit commits, Reads reads, Attempts attempts) {
        this.commits = commits;
        this.reads = reads;
        this.attempts = attempts;
    }

    TransitionOutcome complete(Lease lease, Payload result) {
        return end(lease, "the completion of ", new Completion(asStored(result)));
    }

    TransitionOutcome fail(Lease lease, Failure failure) {
        return end(lease, "the failure of ", new Failing(failure));
    }

    /** A JSON array of these ids in hexadecimal. */
    static String json(List<UUID> ids) {
        return ids.stream().map(id -> "\"" + hex(id) + "\"").collect(Collectors.joining(",", "[", "]"));
    }

    static String hex(UUID value) {
        return HexFormat.of().formatHex(Dialect.bytes(value));
    }

    /** A reason reads back as a rejection, whatever kind it was; the repetition of a completion must compare equal. */
    static Payload asStored(Payload result) {
        if (result.isAvailable()) {
            return result;
        }
        Failure reason = result.reason();
        return Payload.unavailable(RecordReader.unavailable(reason.code(), reason.message()));
    }

    /** One try of a completion, within a transaction that is decided elsewhere; null if the record is not this owner's to end. */
    static @Nullable TransitionOutcome completeOnce(Statements within, Lease lease, Payload result) {
        return applied(
                lease, new Completion(asStored(result)), RecordState.IN_PROGRESS, new SingleWrites(within)::write);
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

    static Instant requireTime(@Nullable Instant at) {
        if (at == null) {
            throw new IllegalStateException("updated_at came back NULL, which the schema does not allow");
        }
        return at;
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
