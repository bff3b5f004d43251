package io.toolgate.store;

/**
 * Counts of an action's calls by their outcome, since the last report. For the health view only. Immutable.
 *
 * @param action the name of the action
 * @param executed runs that completed with a result
 * @param replayed calls that received a stored result
 * @param recovered attempts whose effect a probe confirmed
 * @param rejected runs that ended with a final failure
 * @param released runs that had no effect
 * @param doubted runs and probes that ended with the effect unknown, and runs whose owners were found vanished
 * @param conflicts calls that used a key with a different input
 * @param lateHeartbeats how often the lease of a run was not renewed for half of its length
 */
public record ActionCounts(
        String action,
        long executed,
        long replayed,
        long recovered,
        long rejected,
        long released,
        long doubted,
        long conflicts,
        long lateHeartbeats) {}
