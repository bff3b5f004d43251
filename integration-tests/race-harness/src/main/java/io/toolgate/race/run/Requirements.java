package io.toolgate.race.run;

import io.toolgate.race.action.RaceAction;
import io.toolgate.race.fault.Fault.Kind;
import io.toolgate.race.fault.Signals;
import io.toolgate.race.racer.ByName;
import io.toolgate.race.racer.RuntimeUnderTest;
import io.toolgate.race.report.Report;
import io.toolgate.race.settings.Connections;
import io.toolgate.race.settings.RaceSettings;
import io.toolgate.support.UsageException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.function.Supplier;

/** Checks of the class path and the machine, made before any process is started. */
final class Requirements {
    private Requirements() {}

    /**
     * Checks that a race with {@code settings} can run here.
     *
     * @throws UsageException if it cannot, with what to do
     */
    static void check(RaceSettings settings) throws IOException {
        load("--action", () -> ByName.make(settings.action(), RaceAction.class));
        load(RaceSettings.RUNTIME, () -> RuntimeUnderTest.of(settings.runtime()));
        if (freezes(settings)) {
            Signals.requireSupported();
        }
        int connections = Connections.of(settings).each();
        Capacity.of(settings.processes(), settings.duplicates(), connections).require();
        Path report = settings.report();
        if (report != null) {
            Report.requireDirectory(report);
        }
    }

    private static void load(String option, Supplier<?> loading) {
        try {
            Object unused = loading.get();
        } catch (IllegalArgumentException e) {
            throw new UsageException(option + ": " + e.getMessage(), e);
        }
    }

    private static boolean freezes(RaceSettings settings) {
        return settings.faults().contains(Kind.FREEZE)
                || settings.failpoints().stream().anyMatch(fault -> fault.kind() == Kind.FREEZE);
    }
}
