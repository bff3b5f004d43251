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

/** An event that ends a wait for a key, or a step of it: how a run ended, or what its record says. */
public sealed interface KeyEvent {
    /** The record is completed with this result. */
    record Completed(Payload payload) implements KeyEvent {}

    /** The record is rejected for good. */
    record Rejected(Failure failure) implements KeyEvent {}

    /**
     * The record is in doubt.
     *
     * @param attempts the number of attempts whose effect is unknown
     * @param recoveryTried whether the action's recovery has just been tried in this process
     */
    record InDoubt(Failure failure, Instant since, int attempts, boolean recoveryTried) implements KeyEvent {}

    /** The latest attempt had no effect, and the key is free once {@code pause} is over. */
    record Released(Failure failure, Duration pause) implements KeyEvent {}

    /** The record may be claimable: its lease ended, it was retired, or its state is not known. A claim finds out. */
    record ClaimAgain() implements KeyEvent {}

    /**
     * Another process, or a call outside single flight, owns the key.
     *
     * @param remaining the rest of its lease
     * @param running how long its run has been going on
     */
    record Busy(Duration remaining, Duration running) implements KeyEvent {}

    /** Calls of this process wait for the record already, which another process owns. */
    record Awaited() implements KeyEvent {}

    /** The key belongs to another input. */
    record Conflict(RecordState state, InputFingerprint fingerprint, long fence, long version) implements KeyEvent {
        /** A conflict with what is stored. */
        public static Conflict with(IdempotencyRecord record) {
            return new Conflict(record.state(), record.fingerprint(), record.fence(), record.version());
        }
    }

    /** The record does not exist any more. */
    record Gone() implements KeyEvent {}

    /**
     * The call that was waited for failed; each waiter throws an exception of its own, so that stack traces stay apart.
     */
    record CallFailed(Supplier<ToolGateException> exception) implements KeyEvent {}

    /** The waiter's own time is up. */
    record TimedOut() implements KeyEvent {}

    /** The run that was waited for did not begin: its call ended before the executor had a thread for it. */
    record NoThread() implements KeyEvent {}

    /**
     * The event that {@code record}, null if there is none, is to a waiter with {@code fingerprint}; empty to wait on.
     */
    static Optional<KeyEvent> of(@Nullable IdempotencyRecord record, InputFingerprint fingerprint) {
        if (record == null) {
            return Optional.of(new Gone());
        }
        if (ClaimMachine.isRetired(record)) {
            // Its fingerprint binds no caller any more: the next claim begins a new life of the key.
            return Optional.of(new ClaimAgain());
        }
        if (!record.fingerprint().equals(fingerprint)) {
            return Optional.of(Conflict.with(record));
        }
        return switch (record.state()) {
            case COMPLETED -> Optional.of(new Completed(Objects.requireNonNull(record.result())));
            case REJECTED -> Optional.of(new Rejected(failureOf(record)));
            case RETRYABLE -> Optional.of(new Released(failureOf(record), record.pauseRemaining()));
            case IN_DOUBT ->
                Optional.of(new InDoubt(
                        failureOf(record), record.updatedAt(), record.numbers().attempt(), false));
            case IN_PROGRESS ->
                ClaimMachine.isUnfinished(record, record.readAt()) ? Optional.of(new ClaimAgain()) : Optional.empty();
        };
    }

    private static Failure failureOf(IdempotencyRecord record) {
        return Objects.requireNonNull(record.failure());
    }
}
