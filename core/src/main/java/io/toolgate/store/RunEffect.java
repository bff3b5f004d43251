package io.toolgate.store;

import io.toolgate.Failure;

/**
 * What is known about the effect of the run that a claim was made for, whatever is known about the runs before it. A
 * failure's kind speaks for the key: "unknown" as long as the effect of any run is.
 */
public enum RunEffect {
    /** There was no run: the claim is released before it started. */
    NOT_STARTED,
    /** The run certainly had no effect. */
    NONE,
    /** The run may have had its effect, or was refused for good; or there was none, because the claim probed. */
    UNKNOWN;

    /** The effect of a run that ended with {@code failure}. */
    public static RunEffect of(Failure failure) {
        return failure.kind() == Failure.Kind.NOT_EXECUTED ? NONE : UNKNOWN;
    }
}
