package io.toolgate.race.run;

import io.toolgate.race.checker.Terms.Recovery;
import io.toolgate.race.fault.Failpoint;
import io.toolgate.race.fault.Fault;
import io.toolgate.race.fault.Fault.Kind;
import io.toolgate.support.DatabaseOptions;
import io.toolgate.support.Passwords;
import io.toolgate.support.UsageException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Help.Visibility;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** The {@code run} command. */
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
    /** The option, for tests only, that names a deliberately broken runtime. */
    static final String RUNTIME = "--runtime";

    private static final int MISCHIEF_WITH_ALL_FAULTS = 3;

    @Mixin
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private DatabaseOptions databases;

    @Option(
            names = "--embedded-postgres",
            description = "Races on a temporary PostgreSQL server of its own.",
            showDefaultValue = Visibility.NEVER)
    private boolean embeddedPostgres;

    @Option(names = "--processes", defaultValue = "8", description = "How many processes race.")
    private int processes;

    @Option(
            names = "--keys",
            defaultValue = "200",
            description = "How many keys they race for; with --seconds, how many at a time.")
    private int keys;

    @Option(
            names = "--duplicates",
            defaultValue = "25",
            description = "How many threads of each process call each key.")
    private int duplicates;

    @Option(names = "--action-millis", defaultValue = "20", description = "How long a charge takes.")
    private int actionMillis;

    @Option(
            names = "--lease-millis",
            defaultValue = "1000",
            description = "How long a claim holds without a heartbeat.")
    private int leaseMillis;

    @Option(names = "--wait-millis", defaultValue = "20000", description = "How long a call waits for another's run.")
    private int waitMillis;

    @Option(
            names = "--recovery",
            defaultValue = "hold",
            paramLabel = "hold|probe|rerun",
            description = "What the action declares.")
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private Recovery recovery;

    @Option(
            names = "--provider",
            defaultValue = "dedupe",
            paramLabel = "dedupe|no-dedupe",
            description = "Whether the payment provider charges once for one provider key.")
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private String provider;

    @Option(
            names = "--faults",
            defaultValue = "none",
            split = ",",
            paramLabel = "none|kill|freeze|clock|all",
            description = "What is done to the processes; several with commas. all: the provider misbehaves too.")
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private List<String> faults;

    @Option(
            names = "--failpoint",
            paramLabel = "POINT:kill|freeze",
            description = "Kills or freezes exactly there, and nowhere else. Repeatable.")
    private List<String> failpoints = List.of();

    @Option(
            names = "--fault-every-millis",
            defaultValue = "200",
            description = "The time from one fault to the next, at least.")
    private int faultEveryMillis;

    @Option(
            names = "--mischief-percent",
            paramLabel = "N",
            description = "Of N %% of keys each: the provider is slow; drops an answer after charging; declines; and"
                    + " calls come with two inputs. Default: 3 with --faults all, else 0.",
            showDefaultValue = Visibility.NEVER)
    private @Nullable Integer mischiefPercent;

    @Option(names = "--seconds", defaultValue = "0", description = "Soak: gives out new keys until the time is over.")
    private int seconds;

    @Option(names = "--report", paramLabel = "DIR", description = "Writes DIR/report.html.")
    private @Nullable Path report;

    @Option(
            names = "--action",
            paramLabel = "CLASS",
            description = "Races an action of your own: a RaceAction on the class path.")
    private @Nullable String action;

    @Option(names = RUNTIME, hidden = true)
    private @Nullable String runtime;

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
        Set<Kind> kinds = kinds();
        boolean all = kinds.size() == Kind.values().length;
        RaceSettings.Builder builder = race.settings()
                .database(databases.loginWithPassword("a temporary database"))
                .embeddedPostgres(embeddedPostgres)
                .processes(processes)
                .keys(keys)
                .duplicates(duplicates)
                .actionMillis(actionMillis)
                .leaseMillis(leaseMillis)
                .waitMillis(waitMillis)
                .recovery(recovery)
                .dedupes(dedupes())
                .faults(kinds)
                .failpoints(aimed())
                .faultEveryMillis(faultEveryMillis)
                .mischiefPercent(mischiefPercent != null ? mischiefPercent : all ? MISCHIEF_WITH_ALL_FAULTS : 0)
                .soakSeconds(seconds)
                .report(report)
                .runtime(runtime);
        if (action != null) {
            builder.action(action);
        }
        return builder.build();
    }

    private boolean dedupes() {
        return switch (provider) {
            case "dedupe" -> true;
            case "no-dedupe" -> false;
            default -> throw new UsageException("--provider must be dedupe or no-dedupe, not '" + provider + "'");
        };
    }

    private Set<Kind> kinds() {
        Set<Kind> kinds = EnumSet.noneOf(Kind.class);
        for (String word : faults) {
            switch (word) {
                case "none" -> {
                    if (faults.size() > 1) {
                        throw new UsageException("--faults none goes with no other fault");
                    }
                }
                case "all" -> kinds.addAll(EnumSet.allOf(Kind.class));
                case "kill", "freeze", "clock" -> kinds.add(Kind.valueOf(word.toUpperCase(Locale.ROOT)));
                default ->
                    throw new UsageException("--faults must be none, kill, freeze, clock or all, not '" + word + "'");
            }
        }
        return kinds;
    }

    private List<Fault> aimed() {
        List<Fault> aimed = new ArrayList<>();
        for (String text : failpoints) {
            int colon = text.indexOf(':');
            String kind = colon < 0 ? "" : text.substring(colon + 1);
            if (!kind.equals("kill") && !kind.equals("freeze")) {
                throw new UsageException(
                        "--failpoint must be a name, a colon and kill or freeze, such as after-effect:kill, not '"
                                + text + "'");
            }
            try {
                aimed.add(
                        new Fault(Kind.valueOf(kind.toUpperCase(Locale.ROOT)), Failpoint.of(text.substring(0, colon))));
            } catch (IllegalArgumentException e) {
                throw new UsageException("--failpoint " + text + ": " + e.getMessage(), e);
            }
        }
        return aimed;
    }
}
