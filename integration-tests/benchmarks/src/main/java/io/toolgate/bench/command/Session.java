package io.toolgate.bench.command;

import io.toolgate.bench.contender.ContenderFactory;
import io.toolgate.bench.database.Places;
import io.toolgate.bench.database.PlacesFinder;
import io.toolgate.bench.database.PlacesFinder.Named;
import io.toolgate.bench.report.Machine;
import io.toolgate.bench.report.Narrative;
import io.toolgate.bench.report.Plot;
import io.toolgate.bench.report.Report;
import io.toolgate.bench.report.Result;
import io.toolgate.bench.report.Results;
import io.toolgate.bench.run.Benchmark;
import io.toolgate.bench.run.Ground;
import io.toolgate.bench.run.Interleaving;
import io.toolgate.support.CommandLines;
import io.toolgate.support.Json;
import io.toolgate.support.UsageException;
import io.toolgate.support.process.RunDirectory;
import io.toolgate.support.process.RunScope;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** One run of a benchmark, from checked options to a printed report. */
final class Session {
    private final RunOptions options;
    private final Named named;
    private final Path temporary;
    private final Contenders.Needed needed;

    /**
     * Checks the options.
     *
     * @param needed what contenders must be able to do
     * @throws UsageException if something is wrong with them
     */
    Session(RunOptions options, PlaceOptions places, List<Integer> concurrencies, Contenders.Needed needed) {
        options.check(concurrencies);
        this.options = options;
        this.named = places.named();
        this.temporary = places.directory();
        this.needed = needed;
        if (!Files.isDirectory(temporary)) {
            throw new UsageException("--directory " + temporary + " is no directory: create it first");
        }
    }

    /** Measures and prints; returns the exit status. */
    int run(List<Integer> concurrencies, BenchmarkCommand.Maker maker) throws Exception {
        Contenders.Field field = Contenders.choose(options.contenders(), named.kind(), needed);
        PrintWriter err = options.command().commandLine().getErr();
        RunDirectory run = RunDirectory.create(temporary, "toolgate-bench-");
        Path directory = run.path();
        try (RunScope scope = RunScope.open(err)) {
            scope.onClose("remove " + directory, run::delete);
            Class<?> main = options.command().root().userObject().getClass();
            Places places = PlacesFinder.find(named, main, directory);
            scope.onClose("clean up the database", places::close);
            Report report;
            try (Progress progress = new Progress(err, options.verbose());
                    Benchmark benchmark = maker.make(new Ground(places, directory, main), progress::show)) {
                report = measure(benchmark, places, field, concurrencies, progress);
            }
            print(report);
            return report.failures().isEmpty() ? CommandLines.DONE : CommandLines.FAILED;
        }
    }

    private Report measure(
            Benchmark benchmark, Places places, Contenders.Field field, List<Integer> concurrencies, Progress progress)
            throws Exception {
        long seed = options.seed();
        Map<String, Object> machine = Machine.facts(InstantSource.system());
        Interleaving interleaving = new Interleaving(benchmark, options.repetitions(), seed, progress::show);
        interleaving.run(field.chosen(), concurrencies);
        List<Result> results = Results.of(named.kind().label(), interleaving.series());
        Map<String, Object> settings = new LinkedHashMap<>(benchmark.settings());
        settings.put("repetitions", options.repetitions());
        settings.put("seed", seed);
        if (named.poolSize() > 0) {
            settings.put("pool_size", named.poolSize());
        }
        settings.put("rehearsed", benchmark.isRehearsed() && options.repetitions() > 1);
        settings.put("order", Interleaving.IN_WORDS);
        Map<String, String> how = new LinkedHashMap<>();
        for (ContenderFactory contender : field.chosen()) {
            how.put(contender.name(), contender.how());
        }
        return new Report(
                options.command().name(),
                results,
                settings,
                places.facts(),
                machine,
                how,
                field.leftOut(),
                interleaving.failures());
    }

    private void print(Report report) throws Exception {
        Path plot = options.plot();
        if (plot != null) {
            Files.writeString(plot, Plot.svg(report));
        }
        PrintWriter out = options.command().commandLine().getOut();
        if (options.json()) {
            out.println(Json.pretty(report));
        } else {
            out.println(options.markdown() ? Narrative.markdown(report) : Narrative.text(report));
        }
        out.flush();
        if (options.json()) {
            report.failures()
                    .forEach(failure -> options.command().commandLine().getErr().println("toolgate-bench: " + failure));
        }
    }
}
