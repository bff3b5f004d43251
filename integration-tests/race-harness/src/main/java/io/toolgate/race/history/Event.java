package io.toolgate.race.history;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import org.jspecify.annotations.Nullable;

/**
 * Something that a worker did, written down when it happened. What can be cut by a kill is written twice: when it was sent
 * ({@code …Sent}), and when the answer came; one that was sent and never answered may or may not have happened.
 *
 * <p>{@code nanos} is the machine's monotonic clock, {@code db} the database's time in microseconds since 1970: as the store
 * told it, or else reckoned from the monotonic clock by what the store told before; 0 before it told any. {@code sentNanos}
 * is the monotonic time of the matching {@code …Sent}.
 */
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "event")
@JsonSubTypes({
    @JsonSubTypes.Type(value = Event.Began.class, name = "began"),
    @JsonSubTypes.Type(value = Event.Ticked.class, name = "ticked"),
    @JsonSubTypes.Type(value = Event.Called.class, name = "called"),
    @JsonSubTypes.Type(value = Event.Answered.class, name = "answered"),
    @JsonSubTypes.Type(value = Event.ClaimSent.class, name = "claim_sent"),
    @JsonSubTypes.Type(value = Event.Claimed.class, name = "claimed"),
    @JsonSubTypes.Type(value = Event.Renewed.class, name = "renewed"),
    @JsonSubTypes.Type(value = Event.Ensured.class, name = "ensured"),
    @JsonSubTypes.Type(value = Event.EffectSent.class, name = "effect_sent"),
    @JsonSubTypes.Type(value = Event.Effected.class, name = "effected"),
    @JsonSubTypes.Type(value = Event.Probed.class, name = "probed"),
    @JsonSubTypes.Type(value = Event.EndSent.class, name = "end_sent"),
    @JsonSubTypes.Type(value = Event.Ended.class, name = "ended"),
    @JsonSubTypes.Type(value = Event.Reached.class, name = "reached"),
    @JsonSubTypes.Type(value = Event.Finished.class, name = "finished")
})
public sealed interface Event {
    /** When it was written down, by the machine's monotonic clock. */
    long nanos();

    /** When it was written down, by the database's clock, in microseconds since 1970. */
    long db();

    /** The key it is about; null if it is about the process. */
    default @Nullable String key() {
        return null;
    }

    /** The process is let go. */
    record Began(long nanos, long db) implements Event {}

    /** The process had a processor; written every {@value #TICK_MILLIS} ms, so that a longer gap is a time without one. */
    record Ticked(long nanos, long db) implements Event {}

    /** How often a process writes {@link Ticked}. */
    long TICK_MILLIS = 100;

    /**
     * A thread is about to call the gate.
     *
     * @param call the number of the call in its process and life
     * @param thread which, from 1
     * @param amount of the charge; another one for the same key is another input
     */
    record Called(long nanos, long db, String key, long call, int thread, long amount) implements Event {}

    /**
     * The gate answered.
     *
     * @param amount as in {@link Called}
     * @param sentNanos when it was called
     * @param origin how the caller came by its result, where it has one: {@code EXECUTED}, {@code REPLAYED} or
     *     {@code RECOVERED}
     * @param sha256 of the result's bytes, where it has one
     * @param receipt the name of the charge that the result is about, where it has one
     * @param detail in words, where there is no result; for {@link Answer#ERROR} it begins with the exception's class
     */
    record Answered(
            long nanos,
            long db,
            String key,
            long call,
            int thread,
            long amount,
            long sentNanos,
            Answer answer,
            @Nullable String origin,
            @Nullable String sha256,
            @Nullable String receipt,
            @Nullable String detail)
            implements Event {}

    /** What can come of a call. */
    enum Answer {
        /** The result. */
        COMPLETED,
        /** A final failure. */
        REJECTED,
        /** No effect, and the key is free. */
        RETRYABLE,
        /** Still running when the wait was over. */
        IN_PROGRESS,
        /** Nobody knows. */
        IN_DOUBT,
        /** The key belongs to another input. */
        CONFLICT,
        /** Done, without a result to give. */
        UNAVAILABLE,
        /** The attempt lost its lease. */
        LEASE_LOST,
        /** The call threw. */
        ERROR
    }

    /**
     * A claim is about to be sent.
     *
     * @param token of the claim, in hexadecimal
     */
    record ClaimSent(long nanos, long db, String key, String token) implements Event {}

    /**
     * A claim was answered.
     *
     * @param result what it was told
     * @param fence of the lease, or of the record that was found; 0 where there is none
     * @param version of the record, as {@code fence}
     * @param previousState where an acquired record was before; null for a new one
     * @param previousFence of the attempt before; 0 for a new one
     * @param sha256 of the result that was found, where it is finished
     * @param detail what was thrown
     */
    record Claimed(
            long nanos,
            long db,
            String key,
            String token,
            long sentNanos,
            ClaimResult result,
            long fence,
            long version,
            @Nullable String previousState,
            long previousFence,
            @Nullable String sha256,
            @Nullable String detail)
            implements Event {
        /** Whether the attempt before may have had its effect. */
        public boolean tookOver() {
            return result == ClaimResult.ACQUIRED
                    && ("IN_PROGRESS".equals(previousState) || "IN_DOUBT".equals(previousState));
        }
    }

    /** What can come of a claim. */
    enum ClaimResult {
        /** The key is owned. */
        ACQUIRED,
        /** Somebody else owns it. */
        BUSY,
        /** It is done. */
        FINISHED,
        /** Nobody knows. */
        IN_DOUBT,
        /** It belongs to another input. */
        MISMATCHED,
        /** The store threw. */
        ERROR
    }

    /**
     * A heartbeat for one lease was answered.
     *
     * @param owned whether the lease still holds; if not, it is lost for good
     */
    record Renewed(long nanos, long db, String key, String token, long fence, long sentNanos, boolean owned)
            implements Event {}

    /**
     * The action asked whether it still owns the key, as the last thing before the effect.
     *
     * @param owned whether it does; if not, it goes no further
     */
    record Ensured(long nanos, long db, String key, long fence, long sentNanos, boolean owned) implements Event {}

    /**
     * The provider is about to be asked for a charge.
     *
     * @param thread of the process that asks, as in {@link Called}; 0 if it is none of the callers'
     * @param request the name under which the ledger knows this request
     */
    record EffectSent(long nanos, long db, String key, long fence, int thread, String request) implements Event {}

    /**
     * The provider answered.
     *
     * @param receipt the name of the charge; null if there is none to show
     * @param detail why there is none
     */
    record Effected(
            long nanos,
            long db,
            String key,
            long fence,
            int thread,
            String request,
            long sentNanos,
            @Nullable String receipt,
            @Nullable String detail)
            implements Event {}

    /**
     * The provider was asked whether the charge happened.
     *
     * @param thread as in {@link EffectSent}
     * @param found {@code HAPPENED}, {@code NOT_HAPPENED} or {@code UNKNOWN}
     */
    record Probed(long nanos, long db, String key, long fence, int thread, long sentNanos, String found)
            implements Event {}

    /**
     * The end of a run is about to be stored.
     *
     * @param sha256 of the result, where it has one
     */
    record EndSent(
            long nanos,
            long db,
            String key,
            String token,
            long fence,
            Ending ending,
            @Nullable String sha256) implements Event {}

    /** How a run ends. */
    enum Ending {
        /** With a result. */
        COMPLETE,
        /** With a failure for good. */
        REJECT,
        /** Without effect. */
        RELEASE,
        /** Without knowing. */
        DOUBT
    }

    /**
     * The store answered to the end of a run. {@code db} is exact where the end was applied.
     *
     * @param ending as it was sent; {@code sha256} likewise
     * @param result what came of it
     * @param previousState where the record was, if it was applied
     * @param version the record's new version, if it was applied
     * @param detail what was thrown
     */
    record Ended(
            long nanos,
            long db,
            String key,
            String token,
            long fence,
            Ending ending,
            @Nullable String sha256,
            long sentNanos,
            EndResult result,
            @Nullable String previousState,
            long version,
            @Nullable String detail)
            implements Event {}

    /** What can come of an end. */
    enum EndResult {
        /** It is stored. */
        APPLIED,
        /** It was stored already, by this very owner. */
        ALREADY_APPLIED,
        /** Refused: the owner was stale. */
        LEASE_LOST,
        /** The store threw. */
        ERROR
    }

    /**
     * A thread stands at a failpoint and waits for what will be done to its process.
     *
     * @param point its name
     */
    record Reached(long nanos, long db, String key, String point) implements Event {}

    /** The process has made all its calls. */
    record Finished(long nanos, long db) implements Event {}
}
