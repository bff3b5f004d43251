package io.toolgate.race.run;

import io.toolgate.race.RaceKeys;
import io.toolgate.race.RaceMain;
import io.toolgate.race.checker.Checker;
import io.toolgate.race.checker.Evidence;
import io.toolgate.race.checker.Verdict;
import io.toolgate.race.database.RunRows;
import io.toolgate.race.fault.FaultPlan;
import io.toolgate.race.history.Deed;
import io.toolgate.race.history.HistoryFile;
import io.toolgate.race.provider.ProviderMain;
import io.toolgate.race.provider.ProviderProcess;
import io.toolgate.race.racer.Mischief;
import io.toolgate.race.racer.RacerMain;
import io.toolgate.race.racer.RacerPlan;
import io.toolgate.race.racer.RuntimeUnderTest;
import io.toolgate.race.racer.Work;
import io.toolgate.race.report.Report;
import io.toolgate.store.RecordId;
import io.toolgate.support.DatabaseLogin;
import io.toolgate.support.Json;
import io.toolgate.support.process.Child;
import io.toolgate.support.process.JavaCommand;
import io.toolgate.support.process.RunDirectory;
import io.toolgate.support.process.RunScope;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The course of a race: prepare the database, start the provider and the racers, hold the racers until all are ready, let them
 * go, disturb them, replace those that were killed, sweep, and judge what is left. Each instance runs once.
 */
public final class Race {
    private static final Duration PATIENCE = Duration.ofMinutes(1);
    private static final long NOTICE_MILLIS = 1000;

    private final RaceSettings settings;
    private final PrintWriter progress;
    private final PrintWriter complaints;
    private final RaceKeys keys;
    private final List<HistoryFile> histories = new ArrayList<>();

    // What the scope's tidying needs when the run is stopped in the middle: written by the run's thread, read by
    // another.
    private volatile int waves;
    private volatile int lives = 1;
    private volatile boolean keepFiles;

    /** A race that tells {@code progress} how far it is, and {@code complaints} what it could not tidy up. */
    public Race(RaceSettings settings, PrintWriter progress, PrintWriter complaints) {
        this.settings = settings;
        this.progress = progress;
        this.complaints = complaints;
        this.keys = new RaceKeys("race-" + randomHex(), settings.keys());
    }

    private static String randomHex() {
        byte[] bytes = new byte[8];
        new SecureRandom().nextBytes(bytes);
        return HexFormat.of().formatHex(bytes);
    }

    /**
     * Runs it.
     *
     * @return its result; empty if this process was told to stop meanwhile
     * @throws IOException if it could not be run to its end
     * @throws io.toolgate.race.UsageException if something must be put right first
     */
    public Optional<RaceResult> run() throws IOException, InterruptedException {
        Requirements.check(settings);
        try (RunScope scope = RunScope.open(complaints)) {
            try {
                return run(scope);
            } catch (IOException | RunScope.ClosedException e) {
                // Ctrl-C reaches the processes too, and their ends can be seen here before this process's own.
                if (scope.isInterrupted(NOTICE_MILLIS)) {
                    return Optional.empty();
                }
                throw e;
            }
        }
    }

    private Optional<RaceResult> run(RunScope scope) throws IOException, InterruptedException {
        RunDirectory directory = RunDirectory.create("toolgate-race-");
        scope.onClose("remove " + directory.path(), () -> tidyUp(directory));
        RaceFiles files = new RaceFiles(directory);
        Clocks clocks = Clocks.of(settings, files);
        RaceDatabase database = RaceDatabase.prepare(settings, directory, scope);
        if (settings.database() != null && !settings.keep()) {
            scope.onClose(
                    "remove the rows of tenant " + keys.tenant() + " from " + database.database(),
                    () -> new RunRows(database.database(), records()).remove());
        }
        tell(database.name() + "; seed " + settings.seed());
        return race(scope, files, clocks, database);
    }

    private Optional<RaceResult> race(RunScope scope, RaceFiles files, Clocks clocks, RaceDatabase database)
            throws IOException, InterruptedException {
        ProviderProcess provider = ProviderProcess.start(
                JavaCommand.shortLived(files.scratch(), RaceMain.class, ProviderMain.ROLE),
                new ProviderMain.Plan(files.ledger().toString(), settings.actionMillis(), settings.dedupes()),
                files.log(ProviderMain.ROLE));
        scope.onClose("end the provider", provider::close);
        DeedLog deeds = DeedLog.create(files.deeds());
        scope.onClose("close the list of deeds", deeds::close);
        Racers racers = new Racers(files, database.database(), provider.port(PATIENCE), clocks);

        Crew crew = crew(racers, files, deeds, scope);
        long startNanos = System.nanoTime();
        for (int process = 1; process <= settings.processes(); process++) {
            crew.start(process);
        }
        crew.awaitReady();
        tell(String.format(
                "%d processes ready after %.1f s; each calls %d keys %s%d times",
                settings.processes(),
                (System.nanoTime() - startNanos) / 1e9,
                settings.keys(),
                settings.soakSeconds() > 0 ? "at a time " : "",
                settings.duplicates()));
        long goNanos = System.nanoTime();
        raceToTheEnd(scope, crew, clocks, deeds);
        double seconds = (System.nanoTime() - goNanos) / 1e9;
        crew.end();
        List<String> mishaps = new ArrayList<>(crew.mishaps());
        histories.addAll(crew.histories());

        if (!scope.isInterrupted(0)) {
            mishaps.addAll(sweep(racers, files, deeds, scope));
        }
        if (!provider.handle().isAlive()) {
            mishaps.add("the provider ended before the run did");
        }
        provider.stop();
        // What a run leaves that is stopped is no evidence of anything.
        if (scope.isInterrupted(mishaps.isEmpty() ? 0 : NOTICE_MILLIS)) {
            return Optional.empty();
        }
        Evidence evidence =
                files.evidence(settings.terms(), keys, waves, histories, deeds.all(), database.database(), mishaps);
        return Optional.of(judge(files, database, seconds, evidence));
    }

    private RaceResult judge(RaceFiles files, RaceDatabase database, double seconds, Evidence evidence)
            throws IOException {
        tell("checking " + evidence.called().size() + " keys");
        Verdict verdict = Checker.check(evidence);
        keepFiles = !verdict.held();
        RaceResult result = new RaceResult(
                settings,
                database.name(),
                keys.tenant(),
                seconds,
                evidence.called().size(),
                verdict.held() && !settings.keep() ? null : files.path().toString(),
                files.complaints(),
                verdict);
        Path report = settings.report();
        if (report != null) {
            Path written = Report.write(report, result, evidence, Repeat.command(settings));
            tell("the report is " + written);
        }
        return result;
    }

    private void raceToTheEnd(RunScope scope, Crew crew, Clocks clocks, DeedLog deeds) throws InterruptedException {
        FaultPlan plan = new FaultPlan(settings.faults(), settings.failpoints(), settings.seed());
        try (Saboteur saboteur =
                new Saboteur(plan, crew, clocks, deeds, settings.faultEveryMillis(), settings.leaseMillis())) {
            long endNanos = System.nanoTime() + TimeUnit.SECONDS.toNanos(settings.soakSeconds());
            deeds.add(new Deed.Went(System.nanoTime()));
            giveWave(crew, deeds);
            saboteur.start();
            // Once half of them are through, faults would only keep the others from getting through at all.
            boolean getsOn = crew.awaitBusy(settings.processes() / 2, this::tellCalls);
            while (getsOn && System.nanoTime() - endNanos < 0) {
                giveWave(crew, deeds);
                getsOn = crew.awaitBusy(settings.processes() / 2, this::tellCalls);
            }
            saboteur.stop();
            if (!crew.awaitBusy(0, this::tellCalls) && !scope.isInterrupted(0)) {
                crew.hung();
            }
        }
    }

    private void giveWave(Crew crew, DeedLog deeds) {
        int wave = waves;
        waves = wave + 1;
        deeds.add(new Deed.Wave(System.nanoTime(), wave));
        crew.give(new Work(wave, keys.wave(wave)));
    }

    /** A process that nobody disturbs looks after what is unfinished and calls every key once more. */
    private List<String> sweep(Racers racers, RaceFiles files, DeedLog deeds, RunScope scope)
            throws IOException, InterruptedException {
        if (!settings.isCalm()) {
            tell("waiting for the last lease, and sweeping");
            TimeUnit.MILLISECONDS.sleep(settings.leaseMillis());
        }
        Crew sweeper = crew(racers, files, deeds, scope);
        sweeper.start(0);
        sweeper.awaitReady();
        sweeper.give(new Work(0, keys.waves(waves)));
        if (!sweeper.awaitBusy(0, calls -> {}) && !scope.isInterrupted(0)) {
            sweeper.hung();
        }
        sweeper.end();
        deeds.add(new Deed.Swept(System.nanoTime()));
        histories.addAll(sweeper.histories());
        return sweeper.mishaps();
    }

    private Crew crew(Racers racers, RaceFiles files, DeedLog deeds, RunScope scope) {
        Duration patience = PATIENCE.plusMillis(2L * settings.actionMillis() + settings.waitMillis());
        Crew crew = new Crew(racers, files.path(), settings.duplicates(), patience, deeds);
        scope.onClose("end the processes", crew::close);
        return crew;
    }

    /** How racers are started, and what they are told. */
    private final class Racers implements Crew.Starter {
        private final RaceFiles files;
        private final DatabaseLogin database;
        private final int providerPort;
        private final Clocks clocks;
        private final @Nullable Path patches;

        Racers(RaceFiles files, DatabaseLogin database, int providerPort, Clocks clocks) throws IOException {
            this.files = files;
            this.patches = files.patch(RuntimeUnderTest.of(settings.runtime()).sql());
            this.database = database;
            this.providerPort = providerPort;
            this.clocks = clocks;
        }

        @Override
        public Child start(int process, int life, Path history, Child.Listener listener) throws IOException {
            lives = Math.max(lives, life);
            Map<String, String> environment = clocks.environment(process);
            Child child = Child.start(
                    "process-" + process,
                    JavaCommand.shortLived(files.scratch(), patches, RaceMain.class, RacerMain.ROLE),
                    environment,
                    files.log("process-" + process + "-" + life),
                    listener);
            child.send(Json.line(plan(process, life, history)));
            return child;
        }

        private RacerPlan plan(int process, int life, Path history) {
            return new RacerPlan(
                    process,
                    life,
                    database,
                    Connections.of(settings).each(),
                    keys,
                    settings.duplicates(),
                    settings.seed(),
                    providerPort,
                    settings.actionMillis(),
                    settings.leaseMillis(),
                    settings.waitMillis(),
                    settings.recovery(),
                    new Mischief(settings.mischiefPercent(), settings.seed()),
                    history.toString(),
                    settings.runtime(),
                    settings.action());
        }
    }

    /** Every record that the run may have left so far. */
    private List<RecordId> records() {
        List<RecordId> records = new ArrayList<>();
        keys.waves(waves).forEach(key -> records.add(keys.record(key)));
        for (int process = 0; process <= settings.processes(); process++) {
            for (int life = 1; life <= lives; life++) {
                records.add(keys.warmUpRecord(process, life));
            }
        }
        return records;
    }

    /** Files of a run that did not hold stay, as evidence; a database and rows stay only if that was asked for. */
    private void tidyUp(RunDirectory directory) throws IOException {
        if (settings.keep()) {
            return;
        }
        if (keepFiles) {
            RunDirectory.deleteTree(directory.scratch());
            directory.deleteStartingWith("race.db");
        } else {
            directory.delete();
        }
    }

    private void tellCalls(long calls) {
        tell(String.format("%,d calls are over", calls));
    }

    private void tell(String line) {
        progress.println(line);
        progress.flush();
    }
}
