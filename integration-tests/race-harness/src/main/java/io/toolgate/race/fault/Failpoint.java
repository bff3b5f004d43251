package io.toolgate.race.fault;

import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;

/** Point in a racer's work at which its process can be killed or frozen precisely. */
public enum Failpoint {
    /** Just before a claim is sent to the database. */
    BEFORE_CLAIM,
    /** After a claim was acquired, before its caller continues. */
    AFTER_CLAIM,
    /** Between the last ownership check and the request to the provider. */
    BEFORE_EFFECT,
    /** After the provider has answered, before the run returns. */
    AFTER_EFFECT,
    /** Just before the completion is sent to the database. */
    BEFORE_COMMIT,
    /** After the completion is committed, before any caller gets the result. */
    AFTER_COMMIT;

    /** The name on the command line. */
    public String text() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    /**
     * Returns the failpoint with this name.
     *
     * @throws IllegalArgumentException if there is none; the message lists all names
     */
    public static Failpoint of(String text) {
        return Arrays.stream(values())
                .filter(point -> point.text().equals(text))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("there is no failpoint '" + text + "'; use one of "
                        + Arrays.stream(values()).map(Failpoint::text).collect(Collectors.joining(", "))));
    }
}
