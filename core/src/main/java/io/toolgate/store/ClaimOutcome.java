package io.toolgate.store;

import io.toolgate.Failure;
import java.time.Duration;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** A store's answer to a claim. Immutable. */
public sealed interface ClaimOutcome {

    /**
     * The caller owns the record.
     *
     * @param lease the proof of ownership, for every later transition
     * @param version the record's version
     * @param numbers the record's numbers, with this attempt
     * @param previous the previous attempt, or null if the key was new
     */
    record Acquired(
            Lease lease,
            long version,
            RecordNumbers numbers,
            @Nullable Previous previous) implements ClaimOutcome {}

    /**
     * Another owner's lease is live.
     *
     * @param remaining the time until that lease ends, unless it is renewed
     * @param running how long its run has been going on, since its claim or its latest checkpoint
     */
    record Busy(Duration remaining, Duration running) implements ClaimOutcome {
        /** How long the run will probably go on: as long as it already has, but not past its lease. */
        public Duration expected() {
            return running.compareTo(remaining) < 0 ? running : remaining;
        }
    }

    /**
     * The key is free, but its latest runs were refused, and the pause after them has not ended: see
     * {@link ClaimMachine#claimableFrom}.
     */
    record Paused(IdempotencyRecord record) implements ClaimOutcome {
        /** The rest of the pause, by the store's clock. */
        public Duration remaining() {
            return record.pauseRemaining();
        }
    }

    /** The record is finished: replay it. */
    record Finished(IdempotencyRecord record) implements ClaimOutcome {}

    /**
     * The effect is unknown, and the record is held in doubt.
     *
     * @param marked whether this claim found that the owner had vanished and put the record in doubt: true for one
     *     claim of all that find it so
     */
    record InDoubt(IdempotencyRecord record, boolean marked) implements ClaimOutcome {}

    /** The key was first used with a different input; nothing was changed. */
    record Mismatched(IdempotencyRecord record) implements ClaimOutcome {}

    /**
     * The attempt that a claim took over from.
     *
     * @param state the state in which the claim found the record; {@link RecordState#IN_PROGRESS} with its lease ended
     * @param fence the fence of that attempt
     * @param failure the failure of that attempt, or null if it stored none
     */
    record Previous(RecordState state, long fence, @Nullable Failure failure) {
        /** Whether that attempt may have had its effect: its owner vanished, or failed with its effect unknown. */
        public boolean effectUnknown() {
            return state == RecordState.IN_PROGRESS || state == RecordState.IN_DOUBT;
        }
    }

    /** Applies the function of this case and returns its value. */
    default <T> T fold(
            Function<Acquired, T> acquired,
            Function<Busy, T> busy,
            Function<Paused, T> paused,
            Function<Finished, T> finished,
            Function<InDoubt, T> inDoubt,
            Function<Mismatched, T> mismatched) {
        if (this instanceof Acquired o) {
            return acquired.apply(o);
        } else if (this instanceof Busy o) {
            return busy.apply(o);
        } else if (this instanceof Paused o) {
            return paused.apply(o);
        } else if (this instanceof Finished o) {
            return finished.apply(o);
        } else if (this instanceof InDoubt o) {
            return inDoubt.apply(o);
        }
        return mismatched.apply((Mismatched) this);
    }
}
