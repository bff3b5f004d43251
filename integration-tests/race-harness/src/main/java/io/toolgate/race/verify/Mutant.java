package io.toolgate.race.verify;

import io.toolgate.race.checker.Violation;
import io.toolgate.race.fault.Fault;
import io.toolgate.race.racer.RuntimeUnderTest;
import io.toolgate.race.settings.RaceSettings;
import java.util.Set;
import java.util.function.UnaryOperator;

/**
 * Deliberately broken runtime, with the race that provokes its fault and the violations that count as caught: a race
 * that fails for another reason has not caught it.
 *
 * @param name the name on the command line
 * @param does the fault
 * @param runtime the class of the broken runtime
 * @param settings the changes to a small, undisturbed race on SQLite
 * @param caughtBy the violations of which one must be found
 */
record Mutant(
        String name,
        String does,
        Class<? extends RuntimeUnderTest> runtime,
        UnaryOperator<RaceSettings.Builder> settings,
        Set<Violation.Kind> caughtBy) {
    /** Returns the settings of its race, for the real runtime. */
    RaceSettings.Builder race() {
        return settings.apply(RaceSettings.builder()
                .processes(4)
                .keys(24)
                .duplicates(3)
                .actionMillis(20)
                .leaseMillis(600)
                .waitMillis(8000));
    }

    /** Whether its race needs shifted clocks. */
    boolean needsFaketime() {
        return race().build().faults().contains(Fault.Kind.CLOCK);
    }
}
