package io.toolgate.race.provider;

/**
 * Behaviour of the provider for one request. The caller chooses it, because it draws everything from the run's seed.
 */
public enum Conduct {
    /** Charges in the usual time. */
    NORMAL,
    /** Charges in the time that the request gives. */
    SLOW,
    /** Charges and closes the connection without an answer, for the first charge of an account only. */
    DROP_ANSWER,
    /** Declines without a charge. */
    DECLINE
}
