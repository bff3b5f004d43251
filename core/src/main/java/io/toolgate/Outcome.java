package io.toolgate;

import io.toolgate.internal.base.Preconditions;
import io.toolgate.store.InputFingerprint;
import io.toolgate.store.RecordState;
import java.time.Duration;
import java.time.Instant;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Outcome of a call. Every expected result is a case of this type; exceptions are left for outages and bugs. Immutable.
 *
 * <p>A wait can end without a result in three ways, which are three different cases: the time is up ({@link
 * InProgress}), the other run failed ({@link Retryable} or {@link InDoubt}), or its record was deleted ({@link
 * Unavailable} with the code {@link Failure.Codes#RECORD_GONE}).
 */
public sealed interface Outcome<R extends @Nullable Object> {

    /** Where the result of a call comes from. */
    enum Origin {
        /** This call ran the action. */
        EXECUTED,
        /** Another call ran the action; this is its stored result. */
        REPLAYED,
        /** The probe confirmed the effect of an earlier attempt. */
        RECOVERED
    }

    /** The result. */
    record Completed<R extends @Nullable Object>(R value, Origin origin) implements Outcome<R> {
        @Override
        public R valueOrThrow() {
            return value;
        }
    }

    /** A final failure: every call with this key gets the same one until the retention ends. */
    record Rejected<R extends @Nullable Object>(Failure failure, Origin origin) implements Outcome<R> {
        @Override
        public R valueOrThrow() {
            throw new ToolGateException.Rejected(failure);
        }
    }

    /**
     * The effect certainly did not happen and the key is released: the call can be repeated, with the same key, however
     * often that happens. After runs that failed so in a row, the next one starts only after a pause, of 100 ms after
     * one and twice as long after each further one, up to 30 s; a call before that has this outcome again and runs
     * nothing.
     *
     * @param failure the failure of the latest run
     * @param retryAfter a hint for the client, as of {@link InProgress}: the rest of that pause
     */
    record Retryable<R extends @Nullable Object>(Failure failure, Duration retryAfter) implements Outcome<R> {
        /** Rounds {@code retryAfter} up to a whole number of seconds, at least one. */
        public Retryable {
            retryAfter = InProgress.wholeSeconds(retryAfter);
        }

        @Override
        public R valueOrThrow() {
            throw new ToolGateException.Retryable(failure, retryAfter);
        }
    }

    /**
     * Another run was still in progress when this call's wait ended. This call did nothing.
     *
     * @param retryAfter a hint for the client, which may be sent as HTTP's {@code Retry-After}: a whole number of
     *     seconds, at least one. As long as that run has been going on already, since its claim, its latest checkpoint
     *     or, in this process, since the beginning of this call; but not longer than the rest of its lease
     */
    record InProgress<R extends @Nullable Object>(Duration retryAfter) implements Outcome<R> {
        /** Rounds {@code retryAfter} up to a whole number of seconds, at least one. */
        public InProgress {
            retryAfter = wholeSeconds(retryAfter);
        }

        /** {@code Retry-After} knows no parts of a second, and 0 would mean "at once". */
        private static Duration wholeSeconds(Duration duration) {
            return Duration.ofSeconds(
                    Math.max(1, duration.plusNanos(999_999_999).toSeconds()));
        }

        @Override
        public R valueOrThrow() {
            throw new ToolGateException.InProgress(retryAfter);
        }
    }

    /**
     * It is unknown whether the effect happened, and the action's recovery could not determine it.
     *
     * @param failure the failure that left the effect unknown
     * @param since when the record fell in doubt, by the store's clock
     * @param attempts the number of attempts whose effect is unknown, of at most {@link PaidAction#maxAttempts()} that
     *     are rerun
     * @param advice what happens to the record next and what to do, for people: it depends on the action's recovery
     */
    record InDoubt<R extends @Nullable Object>(Failure failure, Instant since, int attempts, String advice)
            implements Outcome<R> {
        @Override
        public R valueOrThrow() {
            throw new ToolGateException.InDoubt(failure, since, attempts, advice);
        }
    }

    /**
     * The key was first used with a different input. This call did nothing.
     *
     * @param state the state of the key's record
     * @param stored the fingerprint of the first input
     * @param given the fingerprint of this call's input
     */
    record KeyConflict<R extends @Nullable Object>(RecordState state, InputFingerprint stored, InputFingerprint given)
            implements Outcome<R> {
        @Override
        public R valueOrThrow() {
            throw new ToolGateException.KeyConflict(state, stored, given);
        }
    }

    /**
     * No result is available. Either the effect happened and its result could not be encoded, stored or decoded, in
     * which case the action does not run again; or, with {@link Failure.Codes#RECORD_GONE}, the record was deleted
     * while this call waited for its run, and it is unknown here whether that run had its effect.
     *
     * <p>Where no result was stored, {@link ToolGate#resolve} with {@link Resolution#completed} supplies it to all
     * later calls, and so does the command line, whose {@code list --state unavailable} shows such records. A result
     * that was stored and cannot be decoded is never replaced, because others may have been given it: it is there again
     * once a codec reads it. {@link ToolGate#retire} is the other way: the next call then runs the action, with its
     * effect, once more.
     *
     * @param reason the reason, with one of the runtime's {@link Failure.Codes}; its kind has no meaning
     * @param local the value that the action returned to this call, if this call ran it; no other call will get it
     */
    record Unavailable<R extends @Nullable Object>(
            Failure reason, @Nullable R local) implements Outcome<R> {
        @Override
        public R valueOrThrow() {
            throw new ToolGateException.ResultUnavailable(reason, local);
        }
    }

    /**
     * This call's attempt ran but lost its lease meanwhile, so the store refused its result: another attempt owns the
     * record or has finished it. The effect of this attempt may have happened.
     *
     * @param number the number of this attempt
     * @param current the record's present outcome
     */
    record LeaseLost<R extends @Nullable Object>(long number, Outcome<R> current) implements Outcome<R> {
        /** Refuses null. */
        public LeaseLost {
            Preconditions.notNull(current, "current");
        }

        @Override
        public R valueOrThrow() {
            throw new ToolGateException.LeaseLost(number, current);
        }
    }

    /**
     * Returns the result if this is {@link Completed}.
     *
     * @throws ToolGateException in every other case: the subclass of that case, whose message says what to do next
     */
    R valueOrThrow();

    /** Whether this is {@link Completed}. */
    default boolean isCompleted() {
        return this instanceof Completed<R>;
    }

    /** Applies the function of this case and returns its value. */
    default <T extends @Nullable Object> T fold(
            Function<Completed<R>, T> completed,
            Function<Rejected<R>, T> rejected,
            Function<Retryable<R>, T> retryable,
            Function<InProgress<R>, T> inProgress,
            Function<InDoubt<R>, T> inDoubt,
            Function<KeyConflict<R>, T> keyConflict,
            Function<Unavailable<R>, T> unavailable,
            Function<LeaseLost<R>, T> leaseLost) {
        if (this instanceof Completed<R> o) {
            return completed.apply(o);
        } else if (this instanceof Rejected<R> o) {
            return rejected.apply(o);
        } else if (this instanceof Retryable<R> o) {
            return retryable.apply(o);
        } else if (this instanceof InProgress<R> o) {
            return inProgress.apply(o);
        } else if (this instanceof InDoubt<R> o) {
            return inDoubt.apply(o);
        } else if (this instanceof KeyConflict<R> o) {
            return keyConflict.apply(o);
        } else if (this instanceof Unavailable<R> o) {
            return unavailable.apply(o);
        }
        return leaseLost.apply((LeaseLost<R>) this);
    }
}
