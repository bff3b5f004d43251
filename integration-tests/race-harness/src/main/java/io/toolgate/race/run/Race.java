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
import io.toolgate.race.process.DeedLog;
import io.toolgate.race.process.FaultInjector;
import io.toolgate.race.process.RacerClocks;
import io.toolgate.race.process.RacerGroup;
import io.toolgate.race.provider.ProviderMain;
import io.toolgate.race.provider.ProviderProcess;
import io.toolgate.race.racer.Mischief;
import io.toolgate.race.racer.RacerMain;
import io.toolgate.race.racer.RacerPlan;
import io.toolgate.race.racer.RuntimeUnderTest;
import io.toolgate.race.racer.Work;
import io.toolgate.race.report.Report;
import io.toolgate.race.result.RaceResult;
import io.toolgate.race.settings.Connections;
import io.toolgate.race.settings.RaceSettings;
import io.toolgate.race.settings.RepeatCommand;
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
 * A race, in this order: prepare the database, start the provider and the racers, wait until all racers are ready,
 * send them work, inject faults, replace killed racers, sweep, and check the evidence. Each instance runs once.
 */
public final class Race {
    private static final Duration TIMEOUT = Duration.ofMinutes(1);
    private static final long NOTICE_MILLIS = 1000;

    private final RaceSettings settings;
    private final PrintWriter progress;
    private final PrintWriter err;
    private final RaceKeys keys;
    private final List<HistoryFile> histories = new ArrayList<>();

    // Written by the run's thread, and read by the clean-up, which another thread runs if the process is told to stop.
    private volatile int waves;
    private volatile int lives = 1;
    private volatile boolean keepFiles;

    /** A race that reports its progress on {@code progress}, and clean-up that failed on {@code err}. */
    public Race(RaceSettings settings, PrintWriter progress, PrintWriter err) {
        this.settings = settings;
        this.progress = progress;
        this.err = err;
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
     * @throws IOException if it failed
     * @throws io.toolgate.support.UsageException if the user must correct something first
     */
    public Optional<RaceResult> run() throws IOException, InterruptedException {
        Requirements.check(settings);
        try (RunScope scope = RunScope.open(err)) {
            try {
                return run(scope);
            } catch (IOException | RunScope.ClosedException e) {
                // Ctrl-C reaches the racers too: their ends may be noticed before the signal to this process.
                if (scope.isInterrupted(NOTICE_MILLIS)) {
                    return Optional.empty();
                }
                throw e;
            }
        }
    }

    private Optional<RaceResult> run(RunScope scope) throws IOException, InterruptedException {
        RunDirectory directory = RunDirectory.create("toolgate-race-");
        scope.onClose("remove " + directory.path(), () -> cleanUp(directory));
        RaceFiles files = new RaceFiles(directory);
        RacerClocks clocks = RacerClocks.of(settings.faults(), files.path(), files.scratch());
        RaceDatabase database = RaceDatabase.prepare(settings, directory, scope);
        if (settings.database() != null && !settings.keep()) {
            scope.onClose(
                    "remove the rows of tenant " + keys.tenant() + " from " + database.database(),
                    () -> new RunRows(database.database(), records()).remove());
        }
        report(database.name() + "; seed " + settings.seed());
        return race(scope, files, clocks, database);
    }

    private Optional<RaceResult> race(RunScope scope, RaceFiles files, RacerClocks clocks, RaceDatabase database)
            throws IOException, InterruptedException {
        ProviderProcess provider = ProviderProcess.start(
                JavaCommand.shortLived(files.scratch(), RaceMain.class, ProviderMain.ROLE),
                new ProviderMain.Plan(files.ledger().toString(), settings.actionMillis(), settings.dedupes()),
                files.log(ProviderMain.ROLE));
        scope.onClose("end the provider", provider::close);
        DeedLog deeds = DeedLog.create(files.deeds());
        scope.onClose("close the log of faults", deeds::close);
        Racers racers = new Racers(files, database.database(), provider.port(TIMEOUT), clocks);

        RacerGroup group = group(racers, files, deeds, scope);
        long startNanos = System.nanoTime();
        for (int process = 1; process <= settings.processes(); process++) {
            group.start(process);
        }
        group.awaitReady();
        report(String.format(
                "%d processes ready after %.1f s; each calls %d keys %s%d times",
                settings.processes(),
                (System.nanoTime() - startNanos) / 1e9,
                settings.keys(),
                settings.soakSeconds() > 0 ? "at a time " : "",
                settings.duplicates()));
        long goNanos = System.nanoTime();
        raceUntilDone(scope, group, clocks, deeds);
        double seconds = (System.nanoTime() - goNanos) / 1e9;
        group.end();
        List<String> mishaps = new ArrayList<>(group.mishaps());
        histories.addAll(group.histories());

        if (!scope.isInterrupted(0)) {
            mishaps.addAll(sweep(racers, files, deeds, scope));
        }
        if (!provider.handle().isAlive()) {
            mishaps.add("the provider ended before the run");
        }
        provider.stop();
        // A run that was stopped is no evidence.
        if (scope.isInterrupted(mishaps.isEmpty() ? 0 : NOTICE_MILLIS)) {
            return Optional.empty();
        }
        Evidence evidence =
                files.evidence(settings.terms(), keys, waves, histories, deeds.all(), database.database(), mishaps);
        return Optional.of(judge(files, database, seconds, evidence));
    }

    private RaceResult judge(RaceFiles files, RaceDatabase database, double seconds, Evidence evidence)
            throws IOException {
        report("checking " + evidence.called().size() + " keys");
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
            Path written = Report.write(report, result, evidence, RepeatCommand.run(settings));
            report("the report is " + written);
        }
        return result;
    }

    private void raceUntilDone(RunScope scope, RacerGroup group, RacerClocks clocks, DeedLog deeds)
            throws InterruptedException {
        FaultPlan plan = new FaultPlan(settings.faults(), settings.failpoints(), settings.seed());
        try (FaultInjector injector =
                new FaultInjector(plan, group, clocks, deeds, settings.faultEveryMillis(), settings.leaseMillis())) {
            long endNanos = System.nanoTime() + TimeUnit.SECONDS.toNanos(settings.soakSeconds());
            deeds.add(new Deed.Went(System.nanoTime()));
            sendWave(group, deeds);
            injector.start();
            // Faults end once half of the racers are done: they would keep the others from finishing at all.
            boolean progresses = group.awaitBusy(settings.processes() / 2, this::reportCalls);
            while (progresses && System.nanoTime() - endNanos < 0) {
                sendWave(group, deeds);
                progresses = group.awaitBusy(settings.processes() / 2, this::reportCalls);
            }
            injector.stop();
            if (!group.awaitBusy(0, this::reportCalls) && !scope.isInterrupted(0)) {
                group.hung();
            }
        }
    }

    private void sendWave(RacerGroup group, DeedLog deeds) {
        int wave = waves;
        waves = wave + 1;
        deeds.add(new Deed.Wave(System.nanoTime(), wave));
        group.send(new Work(wave, keys.wave(wave)));
    }

    /** A racer without faults reconciles unfinished records and calls every key once more. */
    private List<String> sweep(Racers racers, RaceFiles files, DeedLog deeds, RunScope scope)
            throws IOException, InterruptedException {
        if (!settings.isCalm()) {
            report("waiting for the last lease, and sweeping");
            TimeUnit.MILLISECONDS.sleep(settings.leaseMillis());
        }
        RacerGroup sweeper = group(racers, files, deeds, scope);
        sweeper.start(0);
        sweeper.awaitReady();
        sweeper.send(new Work(0, keys.waves(waves)));
        if (!sweeper.awaitBusy(0, calls -> {}) && !scope.isInterrupted(0)) {
            sweeper.hung();
        }
        sweeper.end();
        deeds.add(new Deed.Swept(System.nanoTime()));
        histories.addAll(sweeper.histories());
        return sweeper.mishaps();
    }

    private RacerGroup group(Racers racers, RaceFiles files, DeedLog deeds, RunScope scope) {
        Duration timeout = TIMEOUT.plusMillis(2L * settings.actionMillis() + settings.waitMillis());
        RacerGroup group = new RacerGroup(racers, files.path(), settings.duplicates(), timeout, deeds);
        scope.onClose("end the processes", group::close);
        return group;
    }

    /** Starts racers, each with its plan. */
    private final class Racers implements RacerGroup.Starter {
        private final RaceFiles files;
        private final DatabaseLogin database;
        private final int providerPort;
        private final RacerClocks clocks;
        private final @Nullable Path patches;

        Racers(RaceFiles files, DatabaseLogin database, int providerPort, RacerClocks clocks) throws IOException {
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

    /** All records that the run may have written so far. */
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

    /**
     * Removes the run's files, except those of a run that did not hold: they are evidence. {@code --keep} keeps all.
     */
    private void cleanUp(RunDirectory directory) throws IOException {
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

    private void reportCalls(long calls) {
        report(String.format("%,d calls have ended", calls));
    }

    private void report(String line) {
        progress.println(line);
        progress.flush();
    }
}
