package io.toolgate.internal.base;

import io.toolgate.Failure;
import io.toolgate.ToolGateException;
import io.toolgate.store.ClaimMachine;
import io.toolgate.store.IdempotencyRecord;
import io.toolgate.store.InputFingerprint;
import io.toolgate.store.Payload;
import io.toolgate.store.RecordState;
import java.time.Duration;
import java.time.Instant;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** The news that ends a wait, or a step of it: how a run ended, or what its record says. */
public sealed interface KeyEvent {
    /** The run is done, and this is stored. */
    record Done(Payload payload) implements KeyEvent {}

    /** The run was rejected for good. */
    record Refused(Failure failure) implements KeyEvent {}

    /** The record is in doubt; {@code asked} if the action's recovery has just been tried in this process. */
    record Doubtful(Failure failure, Instant since, boolean asked) implements KeyEvent {}

    /** The run, the attempt of this number, had no effect and the key is free. */
    record Released(Failure failure, long fence) implements KeyEvent {}

    /** The record is not what it was, or its lease ended: ask the store again. */
    record Open() implements KeyEvent {}

    /** Somebody in another process, or outside single flight, owns the key. */
    record Busy(Duration remaining) implements KeyEvent {}

    /** The key belongs to another input. */
    record Conflict(RecordState state, InputFingerprint fingerprint, long fence, long version) implements KeyEvent {
        public static Conflict with(IdempotencyRecord record) {
            return new Conflict(record.state(), record.fingerprint(), record.fence(), record.version());
        }
    }

    /** There is no record any more. */
    record Gone() implements KeyEvent {}

    /** The call that was waited for broke; each waiter throws an exception of its own, so that stack traces stay apart. */
    record Broken(Supplier<ToolGateException> exception) implements KeyEvent {}

    /** The waiter's own time is over. */
    record TimedOut() implements KeyEvent {}

    /** What {@code record}, null if there is none, means to those who wait under {@code fingerprint}; empty to wait on. */
    static Optional<KeyEvent> of(@Nullable IdempotencyRecord record, InputFingerprint fingerprint) {
        if (record == null) {
            return Optional.of(new Gone());
        }
        if (ClaimMachine.isRetired(record)) {
            // It belongs to nobody's input any more: the next claim begins anew.
            return Optional.of(new Open());
        }
        if (!record.fingerprint().equals(fingerprint)) {
            return Optional.of(Conflict.with(record));
        }
        return switch (record.state()) {
            case COMPLETED -> Optional.of(new Done(Objects.requireNonNull(record.result())));
            case REJECTED -> Optional.of(new Refused(failureOf(record)));
            case RETRYABLE -> Optional.of(new Released(failureOf(record), record.fence()));
            case IN_DOUBT -> Optional.of(new Doubtful(failureOf(record), record.updatedAt(), false));
            case IN_PROGRESS ->
                ClaimMachine.isUnfinished(record, record.readAt()) ? Optional.of(new Open()) : Optional.empty();
        };
    }

    private static Failure failureOf(IdempotencyRecord record) {
        return Objects.requireNonNull(record.failure());
    }
}
