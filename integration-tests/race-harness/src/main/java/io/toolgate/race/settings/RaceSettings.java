package io.toolgate.race.settings;

import com.google.errorprone.annotations.CanIgnoreReturnValue;
import io.toolgate.race.action.ChargeAction;
import io.toolgate.race.checker.Terms;
import io.toolgate.race.checker.Terms.Recovery;
import io.toolgate.race.fault.Failpoint;
import io.toolgate.race.fault.Fault;
import io.toolgate.race.fault.Fault.Kind;
import io.toolgate.support.DatabaseLogin;
import io.toolgate.support.UsageException;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.Collection;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Help.Visibility;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Option;

/**
 * The settings of a race. Immutable; the {@link Builder} says what each means, and begins with the defaults of the
 * {@code run} command.
 *
 * @param database to race on, or null for a temporary one
 * @param migrate whether to install or upgrade the schema of a PostgreSQL {@code database}
 * @param dedupes whether the provider charges once for one provider key
 * @param faults the kinds of faults that happen at random times
 * @param failpoints faults at exact places; if there are any, kills and freezes happen at these only
 * @param seed of orders, faults and mischief
 * @param keep whether rows and files stay
 * @param report the directory for the report, or null for none
 * @param options of the {@code run} command that mean the same, without those that name a database or files
 */
public record RaceSettings(
        @Nullable DatabaseLogin database,
        boolean embeddedPostgres,
        boolean migrate,
        int processes,
        int keys,
        int duplicates,
        int actionMillis,
        int leaseMillis,
        int waitMillis,
        Recovery recovery,
        boolean dedupes,
        Set<Fault.Kind> faults,
        List<Fault> failpoints,
        int faultEveryMillis,
        int mischiefPercent,
        int soakSeconds,
        long seed,
        boolean keep,
        @Nullable Path report,
        String action,
        @Nullable String runtime,
        List<String> options) {
    /** The option, for tests only, that names a deliberately broken runtime. */
    public static final String RUNTIME = "--runtime";

    private static final int STEADY_LEASE_MILLIS = 500;
    private static final long MOST_CALLS = 5_000_000;

    /**
     * Checks the settings.
     *
     * @throws UsageException if they cannot be run
     */
    public RaceSettings {
        options = List.copyOf(options);
        faults = Set.copyOf(faults);
        failpoints = List.copyOf(failpoints);
        between("--processes", processes, 1, 128);
        between("--keys", keys, 1, 100_000);
        between("--duplicates", duplicates, 1, 64);
        between("--action-millis", actionMillis, 0, 60_000);
        between("--lease-millis", leaseMillis, 100, 600_000);
        between("--wait-millis", waitMillis, 0, 600_000);
        between("--fault-every-millis", faultEveryMillis, 10, 600_000);
        between("--mischief-percent", mischiefPercent, 0, 25);
        between("--seconds", soakSeconds, 0, 86_400);
        long calls = (long) processes * keys * duplicates;
        if (calls > MOST_CALLS) {
            throw new UsageException(calls + " calls are too many to judge"
                    + (soakSeconds > 0 ? " at a time" : "")
                    + ": processes × keys × duplicates must not exceed " + MOST_CALLS);
        }
        if (database != null && embeddedPostgres) {
            throw new UsageException("--url and --embedded-postgres are two databases; give one of them");
        }
        if (database == null && migrate) {
            throw new UsageException("--migrate needs --url; a temporary database is given its schema anyway");
        }
    }

    private static void between(String option, int value, int least, int most) {
        if (value < least || value > most) {
            throw new UsageException(option + " must be from " + least + " to " + most + ", not " + value);
        }
    }

    /** The defaults, with a random seed. */
    public static Builder builder() {
        return new Builder();
    }

    /**
     * Whether nothing disturbs the run, so that every call must get the result. A short lease can disturb it: on a
     * busy machine a process may get no processor for longer.
     */
    public boolean isCalm() {
        return leaseMillis >= STEADY_LEASE_MILLIS && faults.isEmpty() && failpoints.isEmpty() && mischiefPercent == 0;
    }

    /** The settings that the checker must know. */
    public Terms terms() {
        return new Terms(recovery, dedupes, isCalm(), processes, duplicates, leaseMillis, waitMillis);
    }

    /** Collects settings; its fields are the options of the {@code run} command, which mixes it in. */
    public static final class Builder {
        private static final int MISCHIEF_WITH_ALL_FAULTS = 3;

        @Option(
                names = "--embedded-postgres",
                description = "Races on a temporary PostgreSQL server of its own.",
                showDefaultValue = Visibility.NEVER)
        private boolean embeddedPostgres;

        @Option(names = "--processes", description = "How many processes race.")
        private int processes = 8;

        @Option(names = "--keys", description = "How many keys they race for; with --seconds, how many at a time.")
        private int keys = 200;

        @Option(names = "--duplicates", description = "How many threads of each process call each key.")
        private int duplicates = 25;

        @Option(names = "--action-millis", description = "How long a charge takes.")
        private int actionMillis = 20;

        @Option(names = "--lease-millis", description = "How long a claim holds without a heartbeat.")
        private int leaseMillis = 1000;

        @Option(names = "--wait-millis", description = "How long a call waits for another's run.")
        private int waitMillis = 20_000;

        @Option(
                names = "--recovery",
                paramLabel = "hold|probe|rerun",
                description = "What the action declares. Default: hold.",
                showDefaultValue = Visibility.NEVER)
        private Recovery recovery = Recovery.HOLD;

        @Option(
                names = "--provider",
                paramLabel = "dedupe|no-dedupe",
                description = "Whether the payment provider charges once for one provider key.")
        private String provider = "dedupe";

        @Option(
                names = "--faults",
                split = ",",
                paramLabel = "none|kill|freeze|clock|all",
                description = "What is done to the processes; several with commas. all: the provider misbehaves too."
                        + " Default: none.",
                showDefaultValue = Visibility.NEVER)
        private List<String> faults = List.of();

        @Option(
                names = "--failpoint",
                paramLabel = "POINT:kill|freeze",
                description = "Kills or freezes exactly there, and nowhere else. Repeatable.",
                showDefaultValue = Visibility.NEVER)
        private List<String> failpoints = List.of();

        @Option(names = "--fault-every-millis", description = "The time from one fault to the next, at least.")
        private int faultEveryMillis = 200;

        @Option(
                names = "--mischief-percent",
                paramLabel = "N",
                description =
                        "Of N %% of keys each: the provider is slow; drops an answer after charging; declines; and"
                                + " calls come with two inputs. Default: 3 with --faults all, else 0.",
                showDefaultValue = Visibility.NEVER)
        private @Nullable Integer mischiefPercent;

        @Option(names = "--seconds", description = "Soak: gives out new keys until the time is over.")
        private int soakSeconds;

        @Option(names = "--seed", description = "Draws what is random as an earlier run did.")
        private @Nullable Long seed;

        @Option(
                names = "--action",
                paramLabel = "CLASS",
                description = "Races an action of your own: a RaceAction on the class path.")
        private @Nullable String action;

        @Option(names = RUNTIME, hidden = true)
        private @Nullable String runtime;

        private @Nullable DatabaseLogin database;
        private boolean migrate;
        private boolean keep;
        private @Nullable Path report;

        private Builder() {}

        /** The database, or null for a temporary one. */
        @CanIgnoreReturnValue
        public Builder database(@Nullable DatabaseLogin value) {
            database = value;
            return this;
        }

        /** Option {@code --embedded-postgres}. */
        @CanIgnoreReturnValue
        public Builder embeddedPostgres(boolean value) {
            embeddedPostgres = value;
            return this;
        }

        /** Whether to install or upgrade the schema of a PostgreSQL database first. */
        @CanIgnoreReturnValue
        public Builder migrate(boolean value) {
            migrate = value;
            return this;
        }

        /** Option {@code --processes}. */
        @CanIgnoreReturnValue
        public Builder processes(int value) {
            processes = value;
            return this;
        }

        /** Option {@code --keys}. */
        @CanIgnoreReturnValue
        public Builder keys(int value) {
            keys = value;
            return this;
        }

        /** Option {@code --duplicates}. */
        @CanIgnoreReturnValue
        public Builder duplicates(int value) {
            duplicates = value;
            return this;
        }

        /** Option {@code --action-millis}. */
        @CanIgnoreReturnValue
        public Builder actionMillis(int value) {
            actionMillis = value;
            return this;
        }

        /** Option {@code --lease-millis}. */
        @CanIgnoreReturnValue
        public Builder leaseMillis(int value) {
            leaseMillis = value;
            return this;
        }

        /** Option {@code --wait-millis}. */
        @CanIgnoreReturnValue
        public Builder waitMillis(int value) {
            waitMillis = value;
            return this;
        }

        /** Option {@code --recovery}. */
        @CanIgnoreReturnValue
        public Builder recovery(Recovery value) {
            recovery = value;
            return this;
        }

        /** Option {@code --provider}. */
        @CanIgnoreReturnValue
        public Builder dedupes(boolean value) {
            provider = value ? "dedupe" : "no-dedupe";
            return this;
        }

        /**
         * Option {@code --faults}. All kinds set here are faults of the processes only: the provider misbehaves when
         * {@link #mischiefPercent} says so.
         */
        @CanIgnoreReturnValue
        public Builder faults(Set<Kind> value) {
            faults = value.stream().sorted().map(Builder::lower).toList();
            if (mischiefPercent == null) {
                mischiefPercent = 0;
            }
            return this;
        }

        /** Option {@code --failpoint}. */
        @CanIgnoreReturnValue
        public Builder failpoints(List<Fault> value) {
            failpoints = value.stream()
                    .map(fault -> (fault.point() == null ? "" : fault.point().text()) + ":" + lower(fault.kind()))
                    .toList();
            return this;
        }

        /** Option {@code --fault-every-millis}. */
        @CanIgnoreReturnValue
        public Builder faultEveryMillis(int value) {
            faultEveryMillis = value;
            return this;
        }

        /** Option {@code --mischief-percent}. */
        @CanIgnoreReturnValue
        public Builder mischiefPercent(int value) {
            mischiefPercent = value;
            return this;
        }

        /** Option {@code --seconds}. */
        @CanIgnoreReturnValue
        public Builder soakSeconds(int value) {
            soakSeconds = value;
            return this;
        }

        /** Option {@code --seed}. */
        @CanIgnoreReturnValue
        public Builder seed(long value) {
            seed = value;
            return this;
        }

        /** Whether rows and files stay. */
        @CanIgnoreReturnValue
        public Builder keep(boolean value) {
            keep = value;
            return this;
        }

        /** The directory for the report, or null for none. */
        @CanIgnoreReturnValue
        public Builder report(@Nullable Path value) {
            report = value;
            return this;
        }

        /** Option {@code --action}. */
        @CanIgnoreReturnValue
        public Builder action(String value) {
            action = value;
            return this;
        }

        /** The class of a deliberately broken runtime, or null for the real one. */
        @CanIgnoreReturnValue
        public Builder runtime(@Nullable String value) {
            runtime = value;
            return this;
        }

        /**
         * The settings.
         *
         * @throws UsageException if they cannot be run
         */
        public RaceSettings build() {
            if (seed == null) {
                seed = (long) new SecureRandom().nextInt(1_000_000_000);
            }
            Set<Kind> kinds = kinds();
            boolean all = kinds.size() == Kind.values().length;
            return new RaceSettings(
                    database,
                    embeddedPostgres,
                    migrate,
                    processes,
                    keys,
                    duplicates,
                    actionMillis,
                    leaseMillis,
                    waitMillis,
                    recovery,
                    providerDedupes(),
                    kinds,
                    aimedFaults(),
                    faultEveryMillis,
                    mischiefPercent != null ? mischiefPercent : all ? MISCHIEF_WITH_ALL_FAULTS : 0,
                    soakSeconds,
                    seed,
                    keep,
                    report,
                    action == null ? ChargeAction.class.getName() : action,
                    runtime,
                    options());
        }

        private boolean providerDedupes() {
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
                        throw new UsageException(
                                "--faults must be none, kill, freeze, clock or all, not '" + word + "'");
                }
            }
            return kinds;
        }

        private List<Fault> aimedFaults() {
            List<Fault> aimed = new ArrayList<>();
            for (String text : failpoints) {
                int colon = text.indexOf(':');
                String kind = colon < 0 ? "" : text.substring(colon + 1);
                if (colon == 0 || (!kind.equals("kill") && !kind.equals("freeze"))) {
                    throw new UsageException(
                            "--failpoint must be a name, a colon and kill or freeze, such as after-effect:kill, not '"
                                    + text + "'");
                }
                try {
                    Kind parsed = Kind.valueOf(kind.toUpperCase(Locale.ROOT));
                    aimed.add(new Fault(parsed, Failpoint.of(text.substring(0, colon))));
                } catch (IllegalArgumentException e) {
                    throw new UsageException("--failpoint " + text + ": " + e.getMessage(), e);
                }
            }
            return aimed;
        }

        /** The options that have a value, as they would be typed. */
        private List<String> options() {
            List<String> words = new ArrayList<>();
            for (OptionSpec option : CommandSpec.forAnnotatedObject(this).options()) {
                Object value = option.getValue();
                if (value instanceof Boolean flag) {
                    if (flag) {
                        words.add(option.longestName());
                    }
                } else if (value instanceof Collection<?> values) {
                    values.forEach(one -> words.addAll(List.of(option.longestName(), one.toString())));
                } else if (value != null) {
                    String text = value instanceof Enum<?> constant ? lower(constant) : value.toString();
                    words.addAll(List.of(option.longestName(), text));
                }
            }
            return words;
        }

        private static String lower(Enum<?> constant) {
            return constant.name().toLowerCase(Locale.ROOT);
        }
    }
}
