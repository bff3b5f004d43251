package io.toolgate.race.checker;

/**
 * What a run was to keep to.
 *
 * @param recovery that the action declares
 * @param dedupes whether the provider charges once for one provider key
 * @param calm whether nothing disturbed the run, so that every call must be given the result
 * @param processes how many raced
 * @param duplicates how often each of them calls each key
 * @param leaseMillis how long a claim holds without a heartbeat
 * @param waitMillis how long a call may wait for another's run
 */
public record Terms(
        Recovery recovery,
        boolean dedupes,
        boolean calm,
        int processes,
        int duplicates,
        long leaseMillis,
        long waitMillis) {

    /** What an action declares to do about a run whose effect is unknown. */
    public enum Recovery {
        /** Nothing, until somebody resolves it. */
        HOLD,
        /** To ask the provider. */
        PROBE,
        /** To run again. */
        RERUN
    }
}
