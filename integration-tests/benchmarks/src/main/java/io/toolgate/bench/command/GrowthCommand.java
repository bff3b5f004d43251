package io.toolgate.bench.command;

import io.toolgate.bench.load.Load;
import io.toolgate.bench.run.Benchmarks;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** The {@code growth} command. */
@Command(
        name = "growth",
        description = {"Throughput with an empty table and with one that has many rows."})
public final class GrowthCommand extends BenchmarkCommand {
    @Option(names = "--concurrency", split = ",", defaultValue = "16", paramLabel = "N", description = "Callers.")
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private List<Integer> concurrencies;

    @Option(names = "--rows", defaultValue = "10000000", paramLabel = "N", description = "Rows of the full table.")
    private long rows;

    @Mixin
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private LoadOptions loads;

    /** Made by the command line. */
    public GrowthCommand() {}

    @Override
    public Integer call() throws Exception {
        Load load = loads.load();
        requireBetween("--rows", rows, 1, 1_000_000_000);
        return measure(
                concurrencies,
                Contenders.Needed.FILLING,
                (ground, progress) -> Benchmarks.growth(ground, load, rows, progress));
    }
}
