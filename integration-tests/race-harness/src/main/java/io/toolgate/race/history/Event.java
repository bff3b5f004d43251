package io.toolgate.race.history;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import org.jspecify.annotations.Nullable;

/**
 * Event in a racer's history, written when it happened. A request that a kill can cut off is written twice: when it is
 * sent ({@code …Sent}) and when it is answered. One that was sent and never answered may or may not have happened.
 *
 * <p>{@code nanos} is the machine's monotonic clock. {@code db} is the database's time in microseconds since 1970, as
 * the store reported it or computed from the monotonic clock and the latest report; 0 before the first report.
 * {@code sentNanos} is the monotonic time of the matching {@code …Sent}.
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
    @JsonSubTypes.Type(value = Event.CompletionSent.class, name = "end_sent"),
    @JsonSubTypes.Type(value = Event.CompletionAnswered.class, name = "ended"),
    @JsonSubTypes.Type(value = Event.Reached.class, name = "reached"),
    @JsonSubTypes.Type(value = Event.Finished.class, name = "finished")
})
public sealed interface Event {
    /** When it was written, by the machine's monotonic clock. */
    long nanos();

    /** When it was written, by the database's clock, in microseconds since 1970. */
    long db();

    /** The key; null if the event is about the process. */
    default @Nullable String key() {
        return null;
    }

    /** The process started to work. */
    record Began(long nanos, long db) implements Event {}

    /**
     * The process is running; written every {@value #TICK_MILLIS} ms, so that a longer gap shows a time in which it did
     * not.
     */
    record Ticked(long nanos, long db) implements Event {}

    /** The interval of {@link Ticked}, in milliseconds. */
    long TICK_MILLIS = 100;

    /**
     * A thread is about to call the gate.
     *
     * @param call the number of the call in its process and life
     * @param thread the number of the thread, from 1
     * @param amount the amount of the charge; a different one for the same key is a different input
     */
    record Called(long nanos, long db, String key, long call, int thread, long amount) implements Event {}

    /**
     * The gate answered.
     *
     * @param amount as in {@link Called}
     * @param sentNanos when it was called
     * @param origin the origin of the result, if there is one: {@code EXECUTED}, {@code REPLAYED} or {@code RECOVERED}
     * @param sha256 the digest of the result's bytes, if there is a result
     * @param receipt the name of the charge in the result, if there is a result
     * @param detail a description, if there is no result; for {@link Answer#ERROR} it starts with the exception's class
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

    /** Outcome of a call. */
    enum Answer {
        /** The result. */
        COMPLETED,
        /** A final failure. */
        REJECTED,
        /** No effect; the key is released. */
        RETRYABLE,
        /** Another run was still in progress when the wait ended. */
        IN_PROGRESS,
        /** The effect is unknown. */
        IN_DOUBT,
        /** The key belongs to another input. */
        CONFLICT,
        /** Done, but the result is unavailable. */
        UNAVAILABLE,
        /** The attempt lost its lease. */
        LEASE_LOST,
        /** The call threw. */
        ERROR
    }

    /**
     * A claim is about to be sent.
     *
     * @param token the claim's token, in hexadecimal
     */
    record ClaimSent(long nanos, long db, String key, String token) implements Event {}

    /**
     * A claim was answered.
     *
     * @param result the answer
     * @param fence the fence of the lease, or of the record that was found; 0 if there is none
     * @param version the version of the record, or 0 like {@code fence}
     * @param previousState the state of an acquired record before; null for a new one
     * @param previousFence the fence of the attempt before; 0 for a new record
     * @param sha256 the digest of the result that was found, if the record is finished
     * @param detail the exception, if the store threw
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
        /** Whether the claim took over from an attempt of unknown effect. */
        public boolean tookOver() {
            return result == ClaimResult.ACQUIRED
                    && ("IN_PROGRESS".equals(previousState) || "IN_DOUBT".equals(previousState));
        }
    }

    /** Answer to a claim. */
    enum ClaimResult {
        /** The caller owns the key. */
        ACQUIRED,
        /** Another attempt owns the key. */
        BUSY,
        /** The key is free, but only after a pause. */
        PAUSED,
        /** The record is finished. */
        FINISHED,
        /** The effect is unknown. */
        IN_DOUBT,
        /** The key belongs to another input. */
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
     * The action checked its ownership, as the last step before the effect.
     *
     * @param owned whether it still owns the key; if not, the run stops
     */
    record Ensured(long nanos, long db, String key, long fence, long sentNanos, boolean owned) implements Event {}

    /**
     * A charge is about to be requested from the provider.
     *
     * @param thread the calling thread, as in {@link Called}; 0 if it is not a caller's thread
     * @param request the name of this request in the ledger
     */
    record EffectSent(long nanos, long db, String key, long fence, int thread, String request) implements Event {}

    /**
     * The provider answered.
     *
     * @param receipt the name of the charge; null if the provider returned none
     * @param detail the reason why there is none
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
     * The provider was probed for the charge.
     *
     * @param thread as in {@link EffectSent}
     * @param found {@code HAPPENED}, {@code NOT_HAPPENED} or {@code UNKNOWN}
     */
    record Probed(long nanos, long db, String key, long fence, int thread, long sentNanos, String found)
            implements Event {}

    /**
     * The completion of a run is about to be stored.
     *
     * @param sha256 the digest of the result, if there is one
     */
    record CompletionSent(
            long nanos,
            long db,
            String key,
            String token,
            long fence,
            CompletionKind ending,
            @Nullable String sha256) implements Event {}

    /** Kind of a completion. */
    enum CompletionKind {
        /** With a result. */
        COMPLETE,
        /** With a final failure. */
        REJECT,
        /** Without effect. */
        RELEASE,
        /** With its effect unknown. */
        DOUBT
    }

    /**
     * The store answered the completion of a run. {@code db} is exact if it was applied.
     *
     * @param ending the completion as it was sent, like {@code sha256}
     * @param result the answer
     * @param previousState the record's state before, if it was applied
     * @param version the record's new version, if it was applied
     * @param detail the exception, if the store threw
     */
    record CompletionAnswered(
            long nanos,
            long db,
            String key,
            String token,
            long fence,
            CompletionKind ending,
            @Nullable String sha256,
            long sentNanos,
            CompletionResult result,
            @Nullable String previousState,
            long version,
            @Nullable String detail)
            implements Event {}

    /** Answer to a completion. */
    enum CompletionResult {
        /** It is stored. */
        APPLIED,
        /** It was stored before, by the same owner. */
        ALREADY_APPLIED,
        /** Refused: the owner was stale. */
        LEASE_LOST,
        /** The store threw. */
        ERROR
    }

    /**
     * A thread stopped at a failpoint and waits for the fault.
     *
     * @param point the failpoint's name
     */
    record Reached(long nanos, long db, String key, String point) implements Event {}

    /** The process has made all its calls. */
    record Finished(long nanos, long db) implements Event {}
}
