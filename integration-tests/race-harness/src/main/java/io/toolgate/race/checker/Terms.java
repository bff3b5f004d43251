package io.toolgate.race.checker;

/**
 * The terms by which a run is judged.
 *
 * @param recovery the recovery that the action declares
 * @param dedupes whether the provider charges a provider key only once
 * @param calm whether the run was undisturbed, so that every call must get the result
 * @param processes the number of racing processes
 * @param duplicates the number of calls that each process makes for each key
 * @param leaseMillis how long a claim holds without a heartbeat
 * @param waitMillis how long a call may wait for another run
 */
public record Terms(
        Recovery recovery,
        boolean dedupes,
        boolean calm,
        int processes,
        int duplicates,
        long leaseMillis,
        long waitMillis) {

    /** An action's declared recovery from a run of unknown effect. */
    public enum Recovery {
        /** Hold the record in doubt until it is resolved. */
        HOLD,
        /** Probe the provider. */
        PROBE,
        /** Run again. */
        RERUN
    }
}
