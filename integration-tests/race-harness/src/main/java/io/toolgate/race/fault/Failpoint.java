package io.toolgate.race.fault;

import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;

/** A place in a worker's course at which its process can be killed or frozen exactly. */
public enum Failpoint {
    /** Just before a claim is sent to the database. */
    BEFORE_CLAIM,
    /** When a claim was answered with "acquired", before anything is done about it. */
    AFTER_CLAIM,
    /** Between the last ownership check and the request to the provider. */
    BEFORE_EFFECT,
    /** When the provider has answered, before the run returns. */
    AFTER_EFFECT,
    /** Just before the run's end is sent to the database. */
    BEFORE_COMMIT,
    /** When the run's end is committed, before anybody is told. */
    AFTER_COMMIT;

    /** Its name, as people type it. */
    public String text() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    /**
     * The one with this name.
     *
     * @throws IllegalArgumentException if there is none, with a list of those that there are
     */
    public static Failpoint of(String text) {
        return Arrays.stream(values())
                .filter(point -> point.text().equals(text))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("there is no failpoint '" + text + "', only "
                        + Arrays.stream(values()).map(Failpoint::text).collect(Collectors.joining(", "))));
    }
}
