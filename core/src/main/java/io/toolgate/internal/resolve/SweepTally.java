package io.toolgate.internal.resolve;

import io.toolgate.ReconcileReport;
import java.util.EnumMap;
import java.util.Map;

/** Counts what became of the records of one pass. Safe for use by many threads. */
public final class SweepTally {
    /** More failures in a row than this are an outage, and not the trouble of single rows that others hold. */
    private static final int FAILURES_OF_AN_OUTAGE = 3;

    // Guarded by this.
    private final Map<Fate, Integer> counts = new EnumMap<>(Fate.class);
    private int unreachableInARow;

    synchronized void add(Fate fate) {
        counts.merge(fate, 1, Integer::sum);
        if (fate == Fate.UNREACHABLE) {
            unreachableInARow++;
        } else if (fate != Fate.DEFERRED && fate != Fate.HELD && fate != Fate.IN_QUARANTINE) {
            unreachableInARow = 0;
        }
    }

    /** Whether the store has failed so often that going on would only take its time limit for each record. */
    synchronized boolean isOutage() {
        return unreachableInARow >= FAILURES_OF_AN_OUTAGE;
    }

    /** Whether anything was done, or tried. */
    synchronized boolean didSomething() {
        return count(Fate.RECOVERED, Fate.RELEASED, Fate.DOUBTED, Fate.QUARANTINED, Fate.FAILED, Fate.UNREACHABLE) > 0;
    }

    synchronized ReconcileReport report(boolean complete) {
        int found = counts.values().stream().mapToInt(Integer::intValue).sum();
        return new ReconcileReport(
                found,
                count(Fate.RECOVERED),
                count(Fate.RELEASED),
                count(Fate.DOUBTED, Fate.HELD, Fate.CUT),
                count(Fate.QUARANTINED, Fate.IN_QUARANTINE),
                count(Fate.DEFERRED),
                count(Fate.FAILED, Fate.UNREACHABLE),
                complete);
    }

    private int count(Fate... fates) {
        int sum = 0;
        for (Fate fate : fates) {
            sum += counts.getOrDefault(fate, 0);
        }
        return sum;
    }
}
