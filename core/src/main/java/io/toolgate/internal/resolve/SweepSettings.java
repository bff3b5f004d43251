package io.toolgate.internal.resolve;

import io.toolgate.PaidAction;
import io.toolgate.ReconcileReport;
import io.toolgate.internal.base.Backoff;
import java.time.Duration;
import java.util.List;
import java.util.function.Consumer;

/**
 * What one pass over the records of unknown effect does; whoever makes it has checked the values.
 *
 * @param actions whose records are looked at, no two of one name
 * @param olderThan for how long a record must have been of unknown effect
 * @param backoff between two asks about one record
 * @param maxAsks after how many unknown answers a record is quarantined
 * @param parallel how many records are settled at a time
 * @param onProgress is told after each part of the walk
 */
public record SweepSettings(
        List<PaidAction<?, ?>> actions,
        Duration olderThan,
        Backoff backoff,
        int maxAsks,
        int parallel,
        Consumer<ReconcileReport> onProgress) {
    /** Takes a copy. */
    public SweepSettings {
        actions = List.copyOf(actions);
    }

    /** A pass that somebody asked for: it asks about everything that is not in quarantine, and puts nothing there. */
    public static SweepSettings onePass(PaidAction<?, ?> action) {
        return new SweepSettings(List.of(action), Duration.ZERO, Backoff.NONE, Integer.MAX_VALUE, 1, report -> {});
    }
}
