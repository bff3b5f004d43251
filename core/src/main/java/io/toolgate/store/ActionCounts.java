package io.toolgate.store;

/**
 * How often what happened to calls of an action, since it was counted last. For the health view; nothing is decided by it.
 *
 * @param action its name
 * @param executed runs that ended with a result
 * @param replayed calls that were given what another had stored
 * @param recovered attempts whose effect a probe found
 * @param rejected runs that were rejected for good
 * @param released runs that had no effect
 * @param doubted runs and probes that ended without knowing
 * @param conflicts calls with another input than their key's
 */
public record ActionCounts(
        String action,
        long executed,
        long replayed,
        long recovered,
        long rejected,
        long released,
        long doubted,
        long conflicts) {}
