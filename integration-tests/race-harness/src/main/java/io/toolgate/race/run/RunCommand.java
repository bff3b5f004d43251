package io.toolgate.race.run;

import io.toolgate.race.settings.RaceSettings;
import io.toolgate.support.Passwords;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** The {@code run} command: a race under faults. */
@Command(
        name = "run",
        description = {
            "Races processes for the same keys, kills and freezes them meanwhile, and judges what they left.",
            "Without --url and --embedded-postgres it races on a temporary SQLite file."
        },
        footer = {
            "",
            "Failpoints: before-claim, after-claim, before-effect, after-effect, before-commit, after-commit.",
            Passwords.HELP,
            "Exit status: 0 the guarantees held, 1 they were violated or the run failed, 2 wrong usage."
        },
        sortOptions = false,
        showDefaultValues = true)
public final class RunCommand implements Callable<Integer> {
    @Mixin
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private RaceDatabaseOptions database;

    @Mixin
    private RaceSettings.Builder settings = RaceSettings.builder();

    @Option(names = "--report", paramLabel = "DIR", description = "Writes DIR/report.html.")
    private @Nullable Path report;

    @Mixin
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private RaceOptions race;

    /** Made by the command line. */
    public RunCommand() {}

    @Override
    public Integer call() throws Exception {
        return race.race(settings(), RunTable::print, RunJson::of);
    }

    /** The settings that were typed. */
    RaceSettings settings() {
        return race.addTo(database.addTo(settings)).report(report).build();
    }
}
