package io.toolgate.race.demo;

import io.toolgate.race.database.Database;
import org.jspecify.annotations.Nullable;

/**
 * What a demo is asked to do.
 *
 * @param database to race on, or null for a temporary one
 * @param migrate whether to install the schema first
 * @param processes how many race
 * @param keys how many they race for
 * @param duplicates how often each process calls each key
 * @param actionMillis how long a charge takes
 * @param seed from which the orders are shuffled
 * @param keep whether to leave rows and files behind
 * @param bypass whether to charge without the gate
 */
record DemoSettings(
        @Nullable Database database,
        boolean migrate,
        int processes,
        int keys,
        int duplicates,
        int actionMillis,
        long seed,
        boolean keep,
        boolean bypass) {}
