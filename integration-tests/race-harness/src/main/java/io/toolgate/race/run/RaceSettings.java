package io.toolgate.race.run;

import io.toolgate.race.checker.Terms.Recovery;
import io.toolgate.race.database.Database;
import io.toolgate.race.fault.Fault;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * How a race is to be run.
 *
 * @param database to race on, or null for one that is made for the run and thrown away
 * @param embeddedPostgres whether that one is a PostgreSQL server; otherwise it is a SQLite file
 * @param migrate whether to install or upgrade the schema of a PostgreSQL {@code database}
 * @param processes how many race
 * @param keys how many they race for; in a soak, how many at a time
 * @param duplicates how many threads of each process call each key
 * @param actionMillis how long a charge takes
 * @param leaseMillis how long a claim holds without a heartbeat
 * @param waitMillis how long a call waits for another's run
 * @param recovery that the action declares
 * @param dedupes whether the provider charges once for one provider key
 * @param faults the kinds of faults that come of themselves
 * @param failpoints faults that are aimed; if there are any, kills and freezes happen at these only
 * @param faultEveryMillis how long it takes from one fault to the next, at least
 * @param mischiefPercent of keys that the provider is slow for, as many for which it drops its first answer after charging, as
 *     many that it declines, and as many that are called with two different inputs
 * @param soakSeconds for how long further keys are given out; 0 for {@code keys} keys once
 * @param seed from which orders, faults and mischief are drawn
 * @param keep whether rows and files stay
 * @param runtime the name of a deliberately broken runtime, or null for the real one
 * @param action the class of a {@code RaceAction} to race, or null for the harness's own
 */
public record RaceSettings(
        @Nullable Database database,
        boolean embeddedPostgres,
        boolean migrate,
        int processes,
        int keys,
        int duplicates,
        int actionMillis,
        int leaseMillis,
        int waitMillis,
        Recovery recovery,
        boolean dedupes,
        Set<Fault.Kind> faults,
        List<Fault> failpoints,
        int faultEveryMillis,
        int mischiefPercent,
        int soakSeconds,
        long seed,
        boolean keep,
        @Nullable String runtime,
        @Nullable String action) {}
