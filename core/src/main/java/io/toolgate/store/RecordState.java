package io.toolgate.store;

/**
 * Where a record stands. {@link ClaimMachine} tells who moves it and what can race.
 *
 * <p>The names are stored: renaming one breaks every installed database.
 */
public enum RecordState {
    /** An attempt holds a lease, live or ended. */
    IN_PROGRESS,
    /** The run is done; its result, or the statement that it is unavailable, never changes. */
    COMPLETED,
    /** The run ended with a final failure, stored and replayed like a result. */
    REJECTED,
    /** The run is known not to have had its effect, and the key is free for another attempt. */
    RETRYABLE,
    /** Nobody knows whether the effect happened. Recovery, a late result or a person decides. */
    IN_DOUBT;

    /** Whether the record is finished: it will be replayed and never changes. */
    public boolean isFinished() {
        return this == COMPLETED || this == REJECTED;
    }

    /** Whether the record may be deleted once its retention is over: it is neither live nor in doubt. */
    public boolean isEnded() {
        return isFinished() || this == RETRYABLE;
    }
}
