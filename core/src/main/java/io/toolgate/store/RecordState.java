package io.toolgate.store;

/**
 * State of a record. {@link ClaimMachine} names the events that change it, their senders, and what can race.
 *
 * <p>The names are stored: renaming one breaks every installed database.
 */
public enum RecordState {
    /** An attempt holds a lease, live or ended. */
    IN_PROGRESS,
    /** The run completed; its result never changes. Where it is unavailable, an operator may supply it. */
    COMPLETED,
    /** The run ended with a final failure, stored and replayed like a result. */
    REJECTED,
    /** The effect certainly did not happen, and the key is released for another attempt. */
    RETRYABLE,
    /** It is unknown whether the effect happened. Recovery, a late result or an operator resolves the record. */
    IN_DOUBT;

    /** Whether the record is finished: the effect happened, or never will, and what is stored is replayed. */
    public boolean isFinished() {
        return this == COMPLETED || this == REJECTED;
    }

    /**
     * Whether it is known if the effect happened: neither in progress nor in doubt. Only such records are ever purged.
     */
    public boolean isOutcomeKnown() {
        return isFinished() || this == RETRYABLE;
    }
}
