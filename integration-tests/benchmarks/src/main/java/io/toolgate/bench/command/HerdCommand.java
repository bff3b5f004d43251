package io.toolgate.bench.command;

import io.toolgate.bench.run.Benchmarks;
import java.time.Duration;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** The {@code herd} command. */
@Command(
        name = "herd",
        description = {"Many duplicates of one key at once in one process, while its effect runs."})
public final class HerdCommand extends BenchmarkCommand {
    @Option(
            names = "--concurrency",
            split = ",",
            defaultValue = "1,100,10000",
            paramLabel = "N",
            description = "Duplicates, each on a thread of its own.")
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private List<Integer> concurrencies;

    @Option(
            names = "--action-millis",
            defaultValue = "500",
            paramLabel = "MS",
            description = "How long the effect goes on once all duplicates have called.")
    private int actionMillis;

    /** Made by the command line. */
    public HerdCommand() {}

    @Override
    public Integer call() throws Exception {
        requireBetween("--action-millis", actionMillis, 1, 10_000);
        return measure(
                concurrencies,
                Contenders.Needed.CALLS,
                (ground, progress) -> Benchmarks.herd(ground, Duration.ofMillis(actionMillis)));
    }
}
