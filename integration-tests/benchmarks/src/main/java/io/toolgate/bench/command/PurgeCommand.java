package io.toolgate.bench.command;

import io.toolgate.bench.load.Load;
import io.toolgate.bench.run.Benchmarks;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** The {@code purge} command. */
@Command(
        name = "purge",
        description = {"Throughput while rows past their retention are purged, and while they are not."})
public final class PurgeCommand extends BenchmarkCommand {
    @Option(names = "--concurrency", split = ",", defaultValue = "16", paramLabel = "N", description = "Callers.")
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private List<Integer> concurrencies;

    @Option(
            names = "--rows",
            defaultValue = "500000",
            paramLabel = "N",
            description = "Rows past their retention, more than can be purged in a window and its warm-up.")
    private long rows;

    @Mixin
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private LoadOptions loads;

    /** Made by the command line. */
    public PurgeCommand() {}

    @Override
    public Integer call() throws Exception {
        Load load = loads.load();
        requireBetween("--rows", rows, 1, 1_000_000_000);
        return measure(
                concurrencies, Contenders.Needed.PURGE, (ground, progress) -> Benchmarks.purge(ground, load, rows));
    }
}
