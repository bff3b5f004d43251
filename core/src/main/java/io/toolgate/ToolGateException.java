package io.toolgate;

import io.toolgate.store.InputFingerprint;
import io.toolgate.store.RecordId;
import io.toolgate.store.RecordState;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What ToolGate throws: either an {@link Outcome} that is no result, from {@link Outcome#valueOrThrow()}, or an outage or
 * a refusal, from the call itself. Every message says what happened and what to do next; none holds a key or a payload.
 */
public abstract class ToolGateException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    ToolGateException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }

    private static @Nullable Throwable causeOf(Failure failure) {
        return failure.cause().orElse(null);
    }

    private static String show(Failure failure) {
        return failure.code() + (failure.message().isEmpty() ? "" : " (" + failure.message() + ")");
    }

    // Outcomes.

    /** {@link Outcome.Rejected} as an exception. */
    public static final class Rejected extends ToolGateException {
        private static final long serialVersionUID = 1L;
        private final Failure failure;

        Rejected(Failure failure) {
            super(
                    "The action was rejected for good: " + show(failure)
                            + ". Every call under this key is told the same; use a new key for a new wish",
                    causeOf(failure));
            this.failure = failure;
        }

        /** The final failure. */
        public Failure failure() {
            return failure;
        }
    }

    /** {@link Outcome.Retryable} as an exception. */
    public static final class Retryable extends ToolGateException {
        private static final long serialVersionUID = 1L;
        private final Failure failure;

        Retryable(Failure failure) {
            super(
                    "The action did not take effect: " + show(failure) + ". Call again with the same key",
                    causeOf(failure));
            this.failure = failure;
        }

        /** Why it did not. */
        public Failure failure() {
            return failure;
        }
    }

    /** {@link Outcome.InProgress} as an exception. */
    public static final class InProgress extends ToolGateException {
        private static final long serialVersionUID = 1L;
        private final Duration retryAfter;

        InProgress(Duration retryAfter) {
            super(
                    "Another run of this key was still going on when the wait was over; this call did nothing. Call again"
                            + " with the same key, after " + retryAfter + " say, or wait longer",
                    null);
            this.retryAfter = retryAfter;
        }

        /** When it is worth asking again. */
        public Duration retryAfter() {
            return retryAfter;
        }
    }

    /** {@link Outcome.InDoubt} as an exception. */
    public static final class InDoubt extends ToolGateException {
        private static final long serialVersionUID = 1L;
        private final Failure failure;
        private final Instant since;

        InDoubt(Failure failure, Instant since) {
            super(
                    "Nobody knows whether the action took effect, since " + since + ": " + show(failure)
                            + ". It will not run again by itself: look it up at the provider and resolve the record, or declare a"
                            + " recovery by probe or rerun",
                    causeOf(failure));
            this.failure = failure;
            this.since = since;
        }

        /** What is known about it. */
        public Failure failure() {
            return failure;
        }

        /** When the record fell into doubt, by the store's clock. */
        public Instant since() {
            return since;
        }
    }

    /** {@link Outcome.KeyConflict} as an exception. */
    public static final class KeyConflict extends ToolGateException {
        private static final long serialVersionUID = 1L;

        KeyConflict(RecordState state, InputFingerprint stored, InputFingerprint given) {
            super(
                    "The key belongs to another input: it was first used with " + stored + " (now " + state
                            + "), this call came with " + given + " and did nothing. Use a new key for a new wish",
                    null);
        }
    }

    /** {@link Outcome.Unavailable} as an exception. */
    public static final class ResultUnavailable extends ToolGateException {
        private static final long serialVersionUID = 1L;
        private final Failure reason;
        private final transient @Nullable Object local;

        ResultUnavailable(Failure reason, @Nullable Object local) {
            super(describe(reason), causeOf(reason));
            this.reason = reason;
            this.local = local;
        }

        private static String describe(Failure reason) {
            return reason.code().equals(Outcome.Unavailable.RECORD_GONE)
                    ? "The record of the run that this call waited for is gone: " + show(reason)
                            + ". Whether it took effect is not known here; look it up at the provider before you call again,"
                            + " which would run it"
                    : "The action took effect, but its result is unavailable: " + show(reason)
                            + ". It will not run again; look the result up at the provider";
        }

        /** Why the result is unavailable. */
        public Failure reason() {
            return reason;
        }

        /** The value that the action returned to this very call, where it did. */
        public Optional<Object> local() {
            return Optional.ofNullable(local);
        }
    }

    /** {@link Outcome.LeaseLost} as an exception; also what {@link Attempt#ensureOwner()} throws. */
    public static final class LeaseLost extends ToolGateException {
        private static final long serialVersionUID = 1L;
        private final long number;

        LeaseLost(long number, Outcome<?> current) {
            super(
                    "Attempt " + number + " lost its lease while it ran, and its end was refused; the record now says "
                            + current.getClass().getSimpleName()
                            + ". Its effect may have happened: call again with the same key"
                            + " for the result that stands, and compare",
                    null);
            this.number = number;
        }

        /** Attempt {@code number} found out that it is the owner no longer. */
        public LeaseLost(long number) {
            super(
                    "Attempt " + number
                            + " does not own the key any more: its lease ended and another attempt, or a person,"
                            + " moved the record. Stop here and do not take the step",
                    null);
            this.number = number;
        }

        /** The number of the attempt that lost its lease. */
        public long number() {
            return number;
        }
    }

    /** A step of a run was done, and its result cannot be given; it is not run again. */
    public static final class StepUnavailable extends ToolGateException {
        private static final long serialVersionUID = 1L;

        /** The step called {@code step} has no result to give, for the reason in {@code why}. */
        public StepUnavailable(String step, String why, @Nullable Throwable cause) {
            super(
                    "Step \"" + step + "\" was done by an attempt of this key, but its result cannot be given: " + why
                            + ". It is not run again; look the result up where the step had its effect",
                    cause);
        }
    }

    // Outages and refusals.

    /** The action had no effect by this call, because something failed before it. Calling again is safe. */
    public static final class NotExecuted extends ToolGateException {
        private static final long serialVersionUID = 1L;

        /** A failure before the action began, for the reason in {@code what}. */
        public NotExecuted(String what, @Nullable Throwable cause) {
            this(cause, what + "; this call did not run the action. Call again with the same key");
        }

        private NotExecuted(@Nullable Throwable cause, String message) {
            super(message, cause);
        }

        /** A failure of the action before its effect, for the reason in {@code what}. */
        public static NotExecuted withoutEffect(String what, Throwable cause) {
            return new NotExecuted(
                    cause, what + "; the action had no effect by this call. Call again with the same key");
        }
    }

    /**
     * The action was run, and its end could not be stored: its effect may have happened. The record will be found in doubt
     * when its lease ends.
     */
    public static final class ResultNotStored extends ToolGateException {
        private static final long serialVersionUID = 1L;
        private final transient @Nullable Object value;
        private final long number;

        /** An end that could not be stored; {@code value} is what the action returned to this call, if it returned. */
        public ResultNotStored(RecordId id, long number, @Nullable Object value, Throwable cause) {
            super(
                    "Attempt " + number + " of " + id
                            + " ran, and its effect may have happened, but its end could not be"
                            + " stored, as far as is known. Do not charge again under another key; unless the store took it after all, the"
                            + " record will be found in doubt, and the action's recovery, or a person, settles it",
                    cause);
            this.value = value;
            this.number = number;
        }

        /** The number of the attempt. */
        public long number() {
            return number;
        }

        /** What the action returned, if it returned to this very call. It is not durable, and nobody else was given it. */
        public Optional<Object> value() {
            return Optional.ofNullable(value);
        }
    }

    /** The waiting thread was interrupted; its interrupt flag is set again. The action may be running elsewhere. */
    public static final class WaitInterrupted extends ToolGateException {
        private static final long serialVersionUID = 1L;

        /** A wait that was interrupted. */
        public WaitInterrupted(InterruptedException cause) {
            super(
                    "The thread was interrupted while it waited for another run of this key. Interrupted does not mean not"
                            + " executed: call again with the same key to learn how it ended",
                    cause);
        }
    }

    /** More calls wait already than the gate allows; this one did nothing. */
    public static final class TooManyWaiters extends ToolGateException {
        private static final long serialVersionUID = 1L;

        /** A refusal because {@code limit} calls wait, of which {@code scope} says where they are counted. */
        public TooManyWaiters(int limit, String scope) {
            super(
                    limit + " calls wait already " + scope
                            + ", which is the limit; this call did nothing. Call again later," + " or raise the limit",
                    null);
        }
    }

    /** The gate is closed, or was closed while this call waited; this call did not run the action. */
    public static final class Closed extends ToolGateException {
        private static final long serialVersionUID = 1L;

        /** A call that came too late. */
        public Closed() {
            super(
                    "The gate is closed; this call did not run the action. Call a gate that is open with the same key",
                    null);
        }
    }

    /** A run called its gate with its own key, on its own thread: it would have waited for itself. */
    public static final class SelfWait extends ToolGateException {
        private static final long serialVersionUID = 1L;

        /** A refusal to wait for oneself. */
        public SelfWait(RecordId id) {
            super(
                    "The run of " + id
                            + " called the gate with its own key and would wait for itself. Use another action"
                            + " name, or another key, for the inner call",
                    null);
        }
    }
}
