package io.toolgate.race.demo;

import io.toolgate.race.RaceMain;
import io.toolgate.race.database.Database;
import io.toolgate.race.database.Preparation;
import io.toolgate.race.database.RunRows;
import io.toolgate.race.process.JavaLauncher;
import io.toolgate.race.process.RunDirectory;
import io.toolgate.race.process.RunScope;
import io.toolgate.race.provider.ProviderMain;
import io.toolgate.race.provider.ProviderProcess;
import io.toolgate.race.verdict.Judge;
import io.toolgate.race.worker.RaceKeys;
import io.toolgate.race.worker.WorkerFleet;
import io.toolgate.race.worker.WorkerMain;
import io.toolgate.race.worker.WorkerPlan;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * The course of a demo: prepare the database, start the provider and the workers, hold the workers until all are ready, let
 * them go, wait for them, and judge what is left.
 */
final class Demo {
    private static final Duration PATIENCE = Duration.ofMinutes(1);
    private static final long NOTICE_MILLIS = 1000;
    private static final int MOST_CONNECTIONS = 80;

    private final DemoSettings settings;
    private final PrintWriter progress;
    private final PrintWriter complaints;
    private final RaceKeys keys;

    // Set when the run has shown something that its files are evidence of.
    private final AtomicBoolean keepFiles = new AtomicBoolean();

    /** A demo that tells {@code progress} how far it is, and {@code complaints} what it could not tidy up. */
    Demo(DemoSettings settings, PrintWriter progress, PrintWriter complaints) {
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
     * @return its result; empty if the process was told to stop meanwhile
     * @throws IOException if it could not be run to its end
     */
    Optional<DemoResult> run() throws IOException, InterruptedException {
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

    private Optional<DemoResult> run(RunScope scope) throws IOException, InterruptedException {
        RunDirectory files = RunDirectory.create();
        scope.onClose("remove " + files.path(), () -> tidyUp(files));
        Database database = settings.database();
        String name;
        if (database == null) {
            database = Database.sqlite(files.file("race.db"));
            name = Preparation.prepare(database, true) + ", a temporary file";
        } else {
            name = Preparation.prepare(database, settings.migrate()) + ", " + database;
            removeRowsAtEnd(scope, database);
        }
        tell(name + "; seed " + settings.seed());
        return race(scope, files, database, name);
    }

    private void removeRowsAtEnd(RunScope scope, Database database) {
        if (!settings.keep()) {
            RunRows rows = new RunRows(database, keys.allRecords(settings.processes()));
            scope.onClose("remove the rows of tenant " + keys.tenant() + " from " + database, rows::remove);
        }
    }

    private Optional<DemoResult> race(RunScope scope, RunDirectory files, Database database, String name)
            throws IOException, InterruptedException {
        long startNanos = System.nanoTime();
        ProviderProcess provider = ProviderProcess.start(
                command(files, ProviderMain.ROLE),
                // It does not dedupe, so that a second run shows as a second charge.
                new ProviderMain.Plan(DemoFiles.ledger(files).toString(), settings.actionMillis(), false),
                DemoFiles.log(files, ProviderMain.ROLE));
        scope.onClose("end the provider", provider::close);
        int port = provider.port(PATIENCE);
        WorkerFleet fleet = new WorkerFleet(PATIENCE.plusMillis(2L * settings.actionMillis()));
        scope.onClose("end the processes", fleet::close);
        for (WorkerPlan plan : plans(files, database, port)) {
            Path log = DemoFiles.log(files, "process-" + plan.number());
            fleet.start(command(files, WorkerMain.ROLE), plan, log);
        }
        fleet.awaitReady();
        tell(String.format(
                "%d processes ready after %.1f s; each calls %d keys %d times",
                settings.processes(), secondsSince(startNanos), settings.keys(), settings.duplicates()));

        fleet.go();
        long expected = (long) settings.processes() * settings.keys() * settings.duplicates();
        List<String> mishaps = new ArrayList<>(
                fleet.awaitEnd(calls -> tell(String.format("%,d of %,d calls are over", calls, expected))));
        if (!provider.handle().isAlive()) {
            mishaps.add("the provider ended before the run did");
        }
        provider.stop();
        // What a run leaves that is stopped is no evidence of anything.
        if (scope.isInterrupted(mishaps.isEmpty() ? 0 : NOTICE_MILLIS)) {
            return Optional.empty();
        }
        var evidence = new DemoFiles(files, settings, keys).evidence(database, mishaps);
        var verdict = Judge.judge(evidence);
        keepFiles.set(!verdict.held());
        return Optional.of(new DemoResult(
                settings,
                name,
                keys.tenant(),
                fleet.raced().toNanos() / 1e9,
                verdict.held() && !settings.keep() ? null : files.path().toString(),
                DemoFiles.complaints(files),
                verdict));
    }

    private List<WorkerPlan> plans(RunDirectory files, Database database, int port) {
        List<WorkerPlan> plans = new ArrayList<>();
        for (int number = 1; number <= settings.processes(); number++) {
            plans.add(new WorkerPlan(
                    number,
                    database,
                    connections(),
                    keys,
                    settings.duplicates(),
                    settings.seed(),
                    port,
                    30_000 + 2L * settings.actionMillis(),
                    DemoFiles.calls(files, number).toString(),
                    settings.bypass()));
        }
        return plans;
    }

    /** Few enough for a server of a hundred connections, however many processes share them. */
    private int connections() {
        return Math.max(1, Math.min(Math.min(4, settings.duplicates()), MOST_CONNECTIONS / settings.processes()));
    }

    private static List<String> command(RunDirectory files, String role) throws IOException {
        return JavaLauncher.command(files.scratch(), RaceMain.class, role);
    }

    /** Files of a run that did not hold stay, as evidence; a database and rows stay only if that was asked for. */
    private void tidyUp(RunDirectory files) throws IOException {
        if (settings.keep()) {
            return;
        }
        if (keepFiles.get()) {
            RunDirectory.deleteTree(files.scratch());
            files.deleteStartingWith("race.db");
        } else {
            files.delete();
        }
    }

    private void tell(String line) {
        progress.println(line);
        progress.flush();
    }

    private static double secondsSince(long nanos) {
        return (System.nanoTime() - nanos) / 1e9;
    }
}
