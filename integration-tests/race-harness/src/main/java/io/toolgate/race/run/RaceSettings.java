package io.toolgate.race.run;

import com.google.errorprone.annotations.CanIgnoreReturnValue;
import io.toolgate.race.action.ChargeAction;
import io.toolgate.race.checker.Terms;
import io.toolgate.race.checker.Terms.Recovery;
import io.toolgate.race.fault.Fault;
import io.toolgate.support.DatabaseLogin;
import io.toolgate.support.UsageException;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * How a race is to be run. Immutable; {@link #builder} begins with the defaults of the {@code run} command.
 *
 * @param database to race on, or null for one that is made for the run and thrown away
 * @param embeddedPostgres whether that one is a PostgreSQL server; otherwise it is a SQLite file
 * @param migrate whether to install or upgrade the schema of a PostgreSQL {@code database}
 * @param processes how many race
 * @param keys how many they race for; in a soak, how many at a time
 * @param duplicates how many threads of each process call each key
 * @param actionMillis how long a charge takes
 * @param leaseMillis how long a claim holds without a heartbeat
 * @param waitMillis how long a call waits for another's run
 * @param recovery that the action declares
 * @param dedupes whether the provider charges once for one provider key
 * @param faults the kinds of faults that come of themselves
 * @param failpoints faults that are aimed; if there are any, kills and freezes happen at these only
 * @param faultEveryMillis how long it takes from one fault to the next, at least
 * @param mischiefPercent of keys that the provider is slow for, as many for which it drops its first answer after charging, as
 *     many that it declines, and as many that are called with two different inputs
 * @param soakSeconds for how long further keys are given out; 0 for {@code keys} keys once
 * @param seed from which orders, faults and mischief are drawn
 * @param keep whether rows and files stay
 * @param report the directory for the report, or null for none
 * @param action the class of a {@link io.toolgate.race.action.RaceAction} to race
 * @param runtime the class of a {@link io.toolgate.race.racer.RuntimeUnderTest}, or null for the real one
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
        @Nullable String runtime) {
    private static final int STEADY_LEASE_MILLIS = 500;
    private static final long MOST_CALLS = 5_000_000;

    /**
     * Refuses what cannot be run.
     *
     * @throws UsageException if it cannot
     */
    public RaceSettings {
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
        for (Fault fault : failpoints) {
            if (fault.point() == null || fault.kind() == Fault.Kind.CLOCK) {
                throw new UsageException(
                        "--failpoint must have a name, a colon and kill or freeze, such as after-effect:kill, not "
                                + fault);
            }
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
     * Whether nothing will disturb the run, so that every call must be given the result. On a busy machine a process can be
     * without a processor for longer than a short lease.
     */
    boolean isCalm() {
        return leaseMillis >= STEADY_LEASE_MILLIS && faults.isEmpty() && failpoints.isEmpty() && mischiefPercent == 0;
    }

    /** What the run is to keep to. */
    Terms terms() {
        return new Terms(recovery, dedupes, isCalm(), processes, duplicates, leaseMillis, waitMillis);
    }

    /** Collects settings. */
    public static final class Builder {
        private @Nullable DatabaseLogin database;
        private boolean embeddedPostgres;
        private boolean migrate;
        private int processes = 8;
        private int keys = 200;
        private int duplicates = 25;
        private int actionMillis = 20;
        private int leaseMillis = 1000;
        private int waitMillis = 20_000;
        private Recovery recovery = Recovery.HOLD;
        private boolean dedupes = true;
        private Set<Fault.Kind> faults = Set.of();
        private List<Fault> failpoints = List.of();
        private int faultEveryMillis = 200;
        private int mischiefPercent;
        private int soakSeconds;
        private long seed = new SecureRandom().nextInt(1_000_000_000);
        private boolean keep;
        private @Nullable Path report;
        private String action = ChargeAction.class.getName();
        private @Nullable String runtime;

        private Builder() {}

        /** On this database, or on a temporary one if it is null. */
        @CanIgnoreReturnValue
        public Builder database(@Nullable DatabaseLogin value) {
            database = value;
            return this;
        }

        /** On a temporary PostgreSQL server. */
        @CanIgnoreReturnValue
        public Builder embeddedPostgres(boolean value) {
            embeddedPostgres = value;
            return this;
        }

        /** Installs or upgrades the schema of a PostgreSQL database first. */
        @CanIgnoreReturnValue
        public Builder migrate(boolean value) {
            migrate = value;
            return this;
        }

        /** How many processes race. */
        @CanIgnoreReturnValue
        public Builder processes(int value) {
            processes = value;
            return this;
        }

        /** How many keys they race for. */
        @CanIgnoreReturnValue
        public Builder keys(int value) {
            keys = value;
            return this;
        }

        /** How many threads of each process call each key. */
        @CanIgnoreReturnValue
        public Builder duplicates(int value) {
            duplicates = value;
            return this;
        }

        /** How long a charge takes. */
        @CanIgnoreReturnValue
        public Builder actionMillis(int value) {
            actionMillis = value;
            return this;
        }

        /** How long a claim holds without a heartbeat. */
        @CanIgnoreReturnValue
        public Builder leaseMillis(int value) {
            leaseMillis = value;
            return this;
        }

        /** How long a call waits for another's run. */
        @CanIgnoreReturnValue
        public Builder waitMillis(int value) {
            waitMillis = value;
            return this;
        }

        /** What the action declares. */
        @CanIgnoreReturnValue
        public Builder recovery(Recovery value) {
            recovery = value;
            return this;
        }

        /** Whether the provider charges once for one provider key. */
        @CanIgnoreReturnValue
        public Builder dedupes(boolean value) {
            dedupes = value;
            return this;
        }

        /** The kinds of faults that come of themselves. */
        @CanIgnoreReturnValue
        public Builder faults(Set<Fault.Kind> value) {
            faults = value;
            return this;
        }

        /** Faults that are aimed. */
        @CanIgnoreReturnValue
        public Builder failpoints(List<Fault> value) {
            failpoints = value;
            return this;
        }

        /** How long it takes from one fault to the next, at least. */
        @CanIgnoreReturnValue
        public Builder faultEveryMillis(int value) {
            faultEveryMillis = value;
            return this;
        }

        /** The share of keys for each way in which the provider misbehaves. */
        @CanIgnoreReturnValue
        public Builder mischiefPercent(int value) {
            mischiefPercent = value;
            return this;
        }

        /** For how long further keys are given out. */
        @CanIgnoreReturnValue
        public Builder soakSeconds(int value) {
            soakSeconds = value;
            return this;
        }

        /** From which orders, faults and mischief are drawn. */
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

        /** The class of the action to race. */
        @CanIgnoreReturnValue
        public Builder action(String value) {
            action = value;
            return this;
        }

        /** The class of a runtime in the real one's place. */
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
                    dedupes,
                    faults,
                    failpoints,
                    faultEveryMillis,
                    mischiefPercent,
                    soakSeconds,
                    seed,
                    keep,
                    report,
                    action,
                    runtime);
        }
    }
}
