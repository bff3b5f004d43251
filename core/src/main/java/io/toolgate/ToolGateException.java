package io.toolgate;

import io.toolgate.store.InputFingerprint;
import io.toolgate.store.RecordId;
import io.toolgate.store.RecordState;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Base of the unchecked exceptions of this library: an {@link Outcome} without a result, thrown by
 * {@link Outcome#valueOrThrow()}, or an outage or a refusal, thrown by the call itself. Every message says what
 * happened and what to do next; none contains a key or a payload.
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
                    "The action was rejected: " + show(failure)
                            + ". This is final, every call with this key gets the same failure; use a new key for a"
                            + " new request",
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
        private final Duration retryAfter;

        Retryable(Failure failure, Duration retryAfter) {
            super(
                    "The action did not take effect: " + show(failure) + ". Call again with the same key in "
                            + retryAfter.toSeconds() + " s",
                    causeOf(failure));
            this.failure = failure;
            this.retryAfter = retryAfter;
        }

        /** A hint for the client: how long to wait before the next try, in whole seconds, at least one. */
        public Duration retryAfter() {
            return retryAfter;
        }

        /** Why the action did not take effect. */
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
                    "Another run of this key was still in progress when the wait ended; this call did nothing. Call"
                            + " again with the same key in " + retryAfter.toSeconds()
                            + " s, or increase waitForInProgress",
                    null);
            this.retryAfter = retryAfter;
        }

        /** A hint for the client: how long to wait before the next try, in whole seconds, at least one. */
        public Duration retryAfter() {
            return retryAfter;
        }
    }

    /** {@link Outcome.InDoubt} as an exception. */
    public static final class InDoubt extends ToolGateException {
        private static final long serialVersionUID = 1L;
        private final Failure failure;
        private final Instant since;

        private final int attempts;

        InDoubt(Failure failure, Instant since, int attempts, String advice) {
            super(
                    "It is unknown whether the action took effect, since " + since + ": " + show(failure) + ". "
                            + advice,
                    causeOf(failure));
            this.failure = failure;
            this.since = since;
            this.attempts = attempts;
        }

        /** The number of attempts whose effect is unknown. */
        public int attempts() {
            return attempts;
        }

        /** The failure that left the effect unknown. */
        public Failure failure() {
            return failure;
        }

        /** When the record fell in doubt, by the store's clock. */
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
                            + "), this call came with " + given + " and did nothing. Use a new key for a new request",
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
            return reason.code().equals(Failure.Codes.RECORD_GONE)
                    ? "The record of the run that this call waited for was deleted: " + show(reason)
                            + ". It is unknown here whether the run took effect; check with the provider before you"
                            + " call again, which would run the action"
                    : "The action took effect, but its result is unavailable: " + show(reason)
                            + ". It will not run again. Get the result from the provider; where none is stored,"
                            + " supply it to later calls with ToolGate.resolve or 'toolgate resolve'";
        }

        /** Why the result is unavailable. */
        public Failure reason() {
            return reason;
        }

        /** The value that the action returned to this call, if this call ran it. */
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
                    "Attempt " + number + " lost its lease while it ran, and its result was refused; the record is now "
                            + current.getClass().getSimpleName()
                            + ". The attempt's effect may have happened: call again with the same key to get the"
                            + " result that was stored, and compare it with the effect",
                    null);
            this.number = number;
        }

        /** An attempt that finds that it no longer owns its key. */
        public LeaseLost(long number, String why) {
            super(
                    "Attempt " + number + " does not own the key any more: " + why
                            + ". Stop here, before the next irreversible step",
                    null);
            this.number = number;
        }

        /** The number of the attempt that lost its lease. */
        public long number() {
            return number;
        }
    }

    /** A step of a run was completed and its result cannot be read; the step does not run again. */
    public static final class StepUnavailable extends ToolGateException {
        private static final long serialVersionUID = 1L;

        /** The completed step called {@code step}, whose result is unavailable for the reason {@code why}. */
        public StepUnavailable(String step, String why, @Nullable Throwable cause) {
            super(
                    "Step \"" + step + "\" was completed by an attempt of this key, but its result is unavailable: "
                            + why
                            + ". It will not run again; get the result from the system where the step took effect",
                    cause);
        }
    }

    /** The input that was stored with a claim cannot be read. */
    public static final class InputUnavailable extends ToolGateException {
        private static final long serialVersionUID = 1L;

        /** An input of {@code id} that is unavailable for the reason {@code why}. */
        public InputUnavailable(RecordId id, String why) {
            super(
                    "The input that was stored with the claim of " + id + " is unavailable: " + why
                            + ". Give the action a codec that reads it, or resolve the record by hand",
                    null);
        }
    }

    // Outages and refusals.

    /** This call had no effect, because of a failure before the effect. Calling again is safe. */
    public static final class NotExecuted extends ToolGateException {
        private static final long serialVersionUID = 1L;

        /** A failure before the action began; {@code what} describes it. */
        public NotExecuted(String what, @Nullable Throwable cause) {
            this(cause, what + "; this call did not run the action. Call again with the same key");
        }

        private NotExecuted(@Nullable Throwable cause, String message) {
            super(message, cause);
        }

        /** A failure of the action before its effect; {@code what} describes it. */
        public static NotExecuted withoutEffect(String what, Throwable cause) {
            return new NotExecuted(cause, what + "; this call had no effect. Call again with the same key");
        }
    }

    /**
     * The action ran and its result could not be stored: its effect may have happened. Unless the store has the result
     * after all, the record is in doubt once its lease ends.
     */
    public static final class ResultNotStored extends ToolGateException {
        private static final long serialVersionUID = 1L;
        private final transient @Nullable Object value;
        private final long number;

        /** A result or failure that could not be stored; {@code value} is what the action returned, if it returned. */
        public ResultNotStored(RecordId id, long number, @Nullable Object value, Throwable cause) {
            super(
                    "Attempt " + number + " of " + id
                            + " ran and its effect may have happened, but the store did not confirm its result. Do"
                            + " not repeat the action with another key: call again with the same one. If the result"
                            + " was not stored, the record is in doubt once its lease ends, until the action's"
                            + " recovery or an operator resolves it",
                    cause);
            this.value = value;
            this.number = number;
        }

        /** The number of the attempt. */
        public long number() {
            return number;
        }

        /** The value that the action returned, if it returned. It is not durable, and no other call got it. */
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
                    "The thread was interrupted while it waited for another run of this key, or for the end of the"
                            + " pause after one. The interrupt stops no run, which may take effect: call again with the"
                            + " same key to get its result",
                    cause);
        }
    }

    /** The gate's limit of waiting calls is reached; this call did nothing. */
    public static final class TooManyWaiters extends ToolGateException {
        private static final long serialVersionUID = 1L;

        /**
         * A refusal because {@code limit} calls wait; {@code scope} says whether they are counted by key or by gate.
         */
        public TooManyWaiters(int limit, String scope) {
            super(
                    limit + " calls wait already " + scope
                            + ", which is the limit; this call did nothing. Call again later, or raise the limit",
                    null);
        }
    }

    /** The gate is closed, or was closed while this call waited; this call did not run the action. */
    public static final class Closed extends ToolGateException {
        private static final long serialVersionUID = 1L;

        /** A call on a closed gate. */
        public Closed() {
            super(
                    "The gate is closed; this call did not run the action. Call again with the same key on an open"
                            + " gate",
                    null);
        }
    }

    /** A run called its gate with its own key, on its own thread, and would have waited for itself. */
    public static final class SelfWait extends ToolGateException {
        private static final long serialVersionUID = 1L;

        /** A refused call of the run of {@code id}. */
        public SelfWait(RecordId id) {
            super(
                    "The run of " + id
                            + " called the gate with its own key and would wait for itself. Use another action name,"
                            + " or another key, for the inner call",
                    null);
        }
    }
}
