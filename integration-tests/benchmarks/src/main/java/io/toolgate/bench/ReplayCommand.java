package io.toolgate.bench;

import io.toolgate.bench.run.Benchmarks;
import io.toolgate.bench.run.Load;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** The {@code replay} command. */
@Command(
        name = "replay",
        description = {"Finished keys, called again in a closed loop."})
final class ReplayCommand extends BenchmarkCommand {
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

    @Override
    public Integer call() throws Exception {
        Load load = loads.load();
        Checks.between("--keys", keys, 1, 10_000_000);
        return measure(
                concurrencies, Contenders.Needed.CALLS, (ground, progress) -> Benchmarks.replay(ground, load, keys));
    }
}
