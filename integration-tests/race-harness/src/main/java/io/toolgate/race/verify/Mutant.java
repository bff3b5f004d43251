package io.toolgate.race.verify;

import io.toolgate.race.checker.Violation;
import io.toolgate.race.fault.Fault;
import io.toolgate.race.racer.RuntimeUnderTest;
import io.toolgate.race.settings.RaceSettings;
import java.util.Set;
import java.util.function.UnaryOperator;

/**
 * A deliberately broken runtime, the race that provokes its fault, and what it must be caught by: a race that fails for
 * another reason has not caught it.
 *
 * @param name as people type it
 * @param does what it does wrong
 * @param runtime that does it
 * @param settings what its race has different from a small, calm one on SQLite
 * @param caughtBy what it must be caught by: one of these
 */
record Mutant(
        String name,
        String does,
        Class<? extends RuntimeUnderTest> runtime,
        UnaryOperator<RaceSettings.Builder> settings,
        Set<Violation.Kind> caughtBy) {
    /** Its race, run by the real runtime. */
    RaceSettings.Builder race() {
        return settings.apply(RaceSettings.builder()
                .processes(4)
                .keys(24)
                .duplicates(3)
                .actionMillis(20)
                .leaseMillis(600)
                .waitMillis(8000));
    }

    /** Whether its race needs clocks that can be set off. */
    boolean needsFaketime() {
        return race().build().faults().contains(Fault.Kind.CLOCK);
    }
}
