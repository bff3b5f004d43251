package io.toolgate.race.provider;

/** How the provider is to behave towards one request. The caller says so, since it draws everything from the run's seed. */
public enum Conduct {
    /** It charges, in the usual time. */
    NORMAL,
    /** It charges, in a time of its own. */
    SLOW,
    /** It charges, and closes the connection without an answer; the first charge of an account only. */
    DROP_ANSWER,
    /** It refuses, and charges nobody. */
    DECLINE
}
