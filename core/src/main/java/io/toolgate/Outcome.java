package io.toolgate;

import io.toolgate.internal.base.Preconditions;
import io.toolgate.store.InputFingerprint;
import io.toolgate.store.RecordState;
import java.time.Duration;
import java.time.Instant;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * What came of a call. Every expected end is a case of this type; exceptions are left for outages and bugs. Immutable.
 *
 * <p>A wait can end without a result in three ways, which are three different answers: time is up
 * ({@link InProgress}), the run failed ({@link Retryable}, or {@link InDoubt}), or its record is gone
 * ({@link Unavailable} with the code {@link Unavailable#RECORD_GONE}).
 */
public sealed interface Outcome<R extends @Nullable Object> {

    /** How this call came by its answer. */
    enum Origin {
        /** This call ran the action. */
        EXECUTED,
        /** Another call did, and this one was given what it stored. */
        REPLAYED,
        /** An earlier attempt's effect was found by the probe. */
        RECOVERED
    }

    /** The result. */
    record Completed<R extends @Nullable Object>(R value, Origin origin) implements Outcome<R> {
        @Override
        public R valueOrThrow() {
            return value;
        }
    }

    /** A final failure: every call under this key is told the same until retention ends. */
    record Rejected<R extends @Nullable Object>(Failure failure, Origin origin) implements Outcome<R> {
        @Override
        public R valueOrThrow() {
            throw new ToolGateException.Rejected(failure);
        }
    }

    /** The effect certainly did not happen, and the key is free: the call may be made again. */
    record Retryable<R extends @Nullable Object>(Failure failure) implements Outcome<R> {
        @Override
        public R valueOrThrow() {
            throw new ToolGateException.Retryable(failure);
        }
    }

    /**
     * Another run was still going on when this call's wait was over. This call did nothing.
     *
     * @param retryAfter when it is worth asking again: the end of that run's lease, unless it is renewed
     */
    record InProgress<R extends @Nullable Object>(Duration retryAfter) implements Outcome<R> {
        @Override
        public R valueOrThrow() {
            throw new ToolGateException.InProgress(retryAfter);
        }
    }

    /**
     * Nobody knows whether the effect happened, and the action's recovery could not find out.
     *
     * @param failure what is known about it
     * @param since when the record fell into doubt, by the store's clock
     */
    record InDoubt<R extends @Nullable Object>(Failure failure, Instant since) implements Outcome<R> {
        @Override
        public R valueOrThrow() {
            throw new ToolGateException.InDoubt(failure, since);
        }
    }

    /**
     * The key belongs to another input. This call did nothing.
     *
     * @param state where the key's record stands
     * @param stored fingerprint of the input that the key belongs to
     * @param given fingerprint of this call's input
     */
    record KeyConflict<R extends @Nullable Object>(RecordState state, InputFingerprint stored, InputFingerprint given)
            implements Outcome<R> {
        @Override
        public R valueOrThrow() {
            throw new ToolGateException.KeyConflict(state, stored, given);
        }
    }

    /**
     * There is no result to be had. Either the effect happened and its result could not be encoded, stored or decoded, and
     * then it is never run again on that account; or, with {@link #RECORD_GONE}, the record was removed while this call
     * waited for its run, and whether that had its effect is not known here.
     *
     * @param reason with one of the codes below; its kind says nothing
     * @param local the value that the action returned to this very call, where it did; nobody else will be given it
     */
    record Unavailable<R extends @Nullable Object>(
            Failure reason, @Nullable R local) implements Outcome<R> {
        /** The codec refused to encode the result. */
        public static final String NOT_ENCODABLE = "result-not-encodable";
        /** The result is larger than the action allows. */
        public static final String TOO_LARGE = "result-too-large";
        /** The store refused the bytes of the result. */
        public static final String NOT_STORABLE = "result-not-storable";
        /** The stored bytes could not be decoded, or another codec wrote them. */
        public static final String NOT_DECODABLE = "result-not-decodable";
        /** The record was removed while this call waited for its run. */
        public static final String RECORD_GONE = "record-gone";

        @Override
        public R valueOrThrow() {
            throw new ToolGateException.ResultUnavailable(reason, local);
        }
    }

    /**
     * This call's attempt ran, but lost its lease meanwhile, so that its end was refused: another attempt owns the key, or
     * finished it. The effect of this attempt may have happened.
     *
     * @param number of this attempt
     * @param current what the record says now
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
     * The result, if this is {@link Completed}.
     *
     * @throws ToolGateException of the subclass that belongs to the case, saying what happened and what to do
     */
    R valueOrThrow();

    /** Whether this is {@link Completed}. */
    default boolean isCompleted() {
        return this instanceof Completed<R>;
    }

    /** Calls the one function that fits. */
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
