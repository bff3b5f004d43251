package io.toolgate.race.demo;

import io.toolgate.race.Json;
import io.toolgate.race.Messages;
import io.toolgate.race.RaceMain;
import io.toolgate.race.UsageException;
import io.toolgate.race.database.Database;
import io.toolgate.race.database.Passwords;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.Writer;
import java.security.SecureRandom;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Help.Visibility;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** The {@code demo} command. */
@Command(
        name = "demo",
        description = {
            "Starts processes that all have the same keys charged at once, and shows that each key was charged once.",
            "Without --url it races on a temporary SQLite file."
        },
        footer = {
            "",
            "The password comes from the environment variable TOOLGATE_PASSWORD, or is asked for on a terminal.",
            "Exit status: 0 the guarantee held, 1 it was violated or the run failed, 2 wrong usage."
        },
        sortOptions = false,
        showDefaultValues = true)
public final class DemoCommand implements Callable<Integer> {
    /** The option, for tests only, that makes the workers do without the gate. */
    static final String BYPASS = "--bypass-gate";

    private static final int STOPPED = 130;
    private static final long MOST_CALLS = 2_000_000;

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private CommandSpec spec;

    @Option(names = "--url", paramLabel = "JDBC", description = "The database: jdbc:postgresql:… or jdbc:sqlite:FILE.")
    private @Nullable String url;

    @Option(names = "--user", paramLabel = "USER", description = "Whom to log in as.")
    private @Nullable String user;

    @Option(
            names = "--migrate",
            description = "Installs or upgrades the schema first.",
            showDefaultValue = Visibility.NEVER)
    private boolean migrate;

    @Option(names = "--processes", defaultValue = "8", description = "How many processes race.")
    private int processes;

    @Option(names = "--keys", defaultValue = "20", description = "How many keys they race for.")
    private int keys;

    @Option(names = "--duplicates", defaultValue = "5", description = "How many threads of each process call each key.")
    private int duplicates;

    @Option(names = "--action-millis", defaultValue = "20", description = "How long a charge takes.")
    private int actionMillis;

    @Option(names = "--seed", description = "Shuffles the orders of keys as an earlier run did.")
    private @Nullable Long seed;

    @Option(
            names = "--keep",
            description = "Leaves the run's rows and files behind.",
            showDefaultValue = Visibility.NEVER)
    private boolean keep;

    @Option(names = "--json", description = "Prints one JSON object.", showDefaultValue = Visibility.NEVER)
    private boolean json;

    @Option(names = BYPASS, hidden = true)
    private boolean bypass;

    @Option(
            names = {"-h", "--help"},
            usageHelp = true,
            description = "Shows this and exits.",
            showDefaultValue = Visibility.NEVER)
    @SuppressWarnings("UnusedVariable") // picocli reads it
    private boolean help;

    /** Made by the command line. */
    public DemoCommand() {}

    @Override
    public Integer call() throws Exception {
        DemoSettings settings = settings();
        PrintWriter out = spec.commandLine().getOut();
        PrintWriter err = spec.commandLine().getErr();
        // A program that reads JSON may read both streams as one, so only trouble is told there.
        PrintWriter progress = json ? new PrintWriter(Writer.nullWriter()) : err;
        Optional<DemoResult> result;
        try {
            result = new Demo(settings, progress, err).run();
        } catch (IOException e) {
            if (json) {
                out.println(Json.pretty(new DemoJson.Failed("failed", Messages.oneLine(e))));
            }
            throw e;
        }
        if (result.isEmpty()) {
            return STOPPED;
        }
        if (json) {
            out.println(Json.pretty(DemoJson.of(result.get())));
        } else {
            new DemoTable(result.get(), out).print();
        }
        return result.get().verdict().held() ? RaceMain.HELD : RaceMain.VIOLATED;
    }

    private DemoSettings settings() {
        between("--processes", processes, 1, 128);
        between("--keys", keys, 1, 100_000);
        between("--duplicates", duplicates, 1, 64);
        between("--action-millis", actionMillis, 0, 60_000);
        long calls = (long) processes * keys * duplicates;
        if (calls > MOST_CALLS) {
            throw new UsageException(calls
                    + " calls are too many to judge: processes × keys × duplicates must not exceed " + MOST_CALLS);
        }
        return new DemoSettings(
                database(),
                migrate,
                processes,
                keys,
                duplicates,
                actionMillis,
                seed == null ? new SecureRandom().nextInt(1_000_000_000) : seed,
                keep,
                bypass);
    }

    private @Nullable Database database() {
        if (url == null) {
            if (user != null) {
                throw new UsageException("--user needs --url; without it a temporary SQLite file is used");
            }
            return null;
        }
        return new Database(url, user, Passwords.find(new Database(url, user, null)));
    }

    private static void between(String option, int value, int least, int most) {
        if (value < least || value > most) {
            throw new UsageException(option + " must be from " + least + " to " + most + ", not " + value);
        }
    }
}
