package io.toolgate.race.demo;

import io.toolgate.race.run.RaceDatabaseOptions;
import io.toolgate.race.run.RaceOptions;
import io.toolgate.race.settings.RaceSettings;
import io.toolgate.race.settings.RepeatCommand;
import io.toolgate.race.verify.BrokenAction;
import io.toolgate.support.Passwords;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** The {@code demo} command: a small race without faults. */
@Command(
        name = "demo",
        description = {
            "Starts processes that all have the same keys charged at once, and shows that each key was charged once.",
            "Without --url it races on a temporary SQLite file."
        },
        footer = {
            "",
            Passwords.HELP,
            "Exit status: 0 the guarantee held, 1 it was violated or the run failed, 2 wrong usage."
        },
        sortOptions = false,
        showDefaultValues = true)
public final class DemoCommand implements Callable<Integer> {
    /** The option, for tests only, with which processes charge without the gate. */
    static final String BYPASS = "--bypass-gate";

    private static final int WAIT_MILLIS = 30_000;
    /** The default lease of an action. */
    private static final int LEASE_MILLIS = 30_000;

    @Mixin
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private RaceDatabaseOptions database;

    @Option(names = "--processes", defaultValue = "8", description = "How many processes race.")
    private int processes;

    @Option(names = "--keys", defaultValue = "20", description = "How many keys they race for.")
    private int keys;

    @Option(names = "--duplicates", defaultValue = "5", description = "How many threads of each process call each key.")
    private int duplicates;

    @Option(names = "--action-millis", defaultValue = "20", description = "How long a charge takes.")
    private int actionMillis;

    @Option(names = "--seed", description = "Draws what is random as an earlier run did.")
    private @Nullable Long seed;

    @Mixin
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private RaceOptions race;

    @Option(names = BYPASS, hidden = true)
    private boolean bypass;

    /** Made by the command line. */
    public DemoCommand() {}

    @Override
    public Integer call() throws Exception {
        return race.race(settings(), DemoTable::print, DemoJson::of);
    }

    /** The settings that were typed. */
    RaceSettings settings() {
        RaceSettings.Builder settings = race.addTo(database.addTo(RaceSettings.builder()))
                .processes(processes)
                .keys(keys)
                .duplicates(duplicates)
                .actionMillis(actionMillis)
                .leaseMillis(LEASE_MILLIS)
                .waitMillis(waitMillis())
                // A second run then shows as a second charge.
                .dedupes(false)
                .runtime(bypass ? BrokenAction.NoGate.class.getName() : null);
        return (seed == null ? settings : settings.seed(seed)).build();
    }

    /** Long enough for a charge; the settings refuse one that takes too long. */
    private int waitMillis() {
        return (int) Math.min(Integer.MAX_VALUE, WAIT_MILLIS + 2L * Math.max(0, actionMillis));
    }

    /** The command that repeats it. */
    static String repeat(RaceSettings settings) {
        return settings.runtime() == null ? RepeatCommand.demo(settings) : RepeatCommand.demo(settings, BYPASS);
    }
}
