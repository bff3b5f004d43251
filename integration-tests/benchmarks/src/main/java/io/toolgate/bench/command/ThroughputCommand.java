package io.toolgate.bench.command;

import io.toolgate.bench.load.Load;
import io.toolgate.bench.run.Benchmarks;
import io.toolgate.support.UsageException;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** The {@code throughput} command. */
@Command(
        name = "throughput",
        description = {"Fresh keys with an empty effect, in a closed loop."})
public final class ThroughputCommand extends BenchmarkCommand {
    @Option(
            names = "--concurrency",
            split = ",",
            defaultValue = "1,8,64,256",
            paramLabel = "N",
            description = "Callers, in each process.")
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private List<Integer> concurrencies;

    @Option(
            names = "--processes",
            defaultValue = "1",
            paramLabel = "N",
            description = "How many processes load the database together.")
    private int processes;

    @Option(
            names = "--waiters",
            split = ",",
            defaultValue = "0",
            paramLabel = "N",
            description =
                    "Keys of the loaded process that another process waits for meanwhile; each number is measured.")
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private List<Integer> waiters;

    @Mixin
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private LoadOptions loads;

    /** Made by the command line. */
    public ThroughputCommand() {}

    @Override
    public Integer call() throws Exception {
        Load load = loads.load();
        requireBetween("--processes", processes, 1, 64);
        for (int number : waiters) {
            requireBetween("--waiters", number, 0, 1000);
        }
        if (processes > 1 && !waiters.equals(List.of(0))) {
            throw new UsageException("--waiters wait for keys of one process: leave out --processes");
        }
        return measure(
                concurrencies,
                Contenders.Needed.CALLS,
                (ground, progress) -> Benchmarks.throughput(ground, load, processes, waiters));
    }
}
