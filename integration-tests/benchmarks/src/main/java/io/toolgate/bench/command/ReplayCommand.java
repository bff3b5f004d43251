package io.toolgate.bench.command;

import io.toolgate.bench.load.Load;
import io.toolgate.bench.run.Benchmarks;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** The {@code replay} command. */
@Command(
        name = "replay",
        description = {"Finished keys, called again in a closed loop."})
public final class ReplayCommand extends BenchmarkCommand {
    @Option(
            names = "--concurrency",
            split = ",",
            defaultValue = "1,8,64,256",
            paramLabel = "N",
            description = "Callers.")
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private List<Integer> concurrencies;

    @Option(
            names = "--keys",
            defaultValue = "10000",
            paramLabel = "N",
            description = "How many finished keys there are.")
    private int keys;

    @Mixin
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private LoadOptions loads;

    /** Made by the command line. */
    public ReplayCommand() {}

    @Override
    public Integer call() throws Exception {
        Load load = loads.load();
        requireBetween("--keys", keys, 1, 10_000_000);
        return measure(
                concurrencies, Contenders.Needed.CALLS, (ground, progress) -> Benchmarks.replay(ground, load, keys));
    }
}
