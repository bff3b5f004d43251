package io.toolgate.store;

import io.toolgate.Failure;
import java.time.Duration;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** What a store answers to a claim. */
public sealed interface ClaimOutcome {

    /**
     * The caller owns the key.
     *
     * @param lease what to show with every later transition
     * @param version the record's version
     * @param previous what the claim found, or null if the key was new
     */
    record Acquired(Lease lease, long version, @Nullable Previous previous) implements ClaimOutcome {}

    /**
     * Somebody else's lease is live.
     *
     * @param remaining until that lease ends unless it is renewed
     */
    record Busy(Duration remaining) implements ClaimOutcome {}

    /** The key is finished: replay {@code record}. */
    record Finished(IdempotencyRecord record) implements ClaimOutcome {}

    /** Nobody knows whether the effect happened, and the request said to hold. */
    record InDoubt(IdempotencyRecord record) implements ClaimOutcome {}

    /** The key belongs to another input; nothing was changed. */
    record Mismatched(IdempotencyRecord record) implements ClaimOutcome {}

    /**
     * The attempt that a claim took over from.
     *
     * @param state where the claim found the record; {@link RecordState#IN_PROGRESS} means that its lease had ended
     * @param fence of that attempt
     * @param failure how it ended, where it said so
     */
    record Previous(RecordState state, long fence, @Nullable Failure failure) {
        /** Whether that attempt may have had its effect: its owner vanished, or failed without knowing. */
        public boolean effectUnknown() {
            return state == RecordState.IN_PROGRESS || state == RecordState.IN_DOUBT;
        }
    }

    /** Calls the one function that fits. */
    default <T> T fold(
            Function<Acquired, T> acquired,
            Function<Busy, T> busy,
            Function<Finished, T> finished,
            Function<InDoubt, T> inDoubt,
            Function<Mismatched, T> mismatched) {
        if (this instanceof Acquired o) {
            return acquired.apply(o);
        } else if (this instanceof Busy o) {
            return busy.apply(o);
        } else if (this instanceof Finished o) {
            return finished.apply(o);
        } else if (this instanceof InDoubt o) {
            return inDoubt.apply(o);
        }
        return mismatched.apply((Mismatched) this);
    }
}
