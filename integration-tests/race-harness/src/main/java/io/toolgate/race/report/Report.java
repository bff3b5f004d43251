package io.toolgate.race.report;

import io.toolgate.race.checker.Evidence;
import io.toolgate.race.run.RaceResult;
import java.nio.file.Path;

public final class Report {
    private Report() {}

    public static Path write(Path p, RaceResult r, Evidence e, String c) {
        return p;
    }
}
