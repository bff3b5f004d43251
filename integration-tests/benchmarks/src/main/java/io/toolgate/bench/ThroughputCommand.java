package io.toolgate.bench;

import io.toolgate.bench.run.Benchmarks;
import io.toolgate.bench.run.Load;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** The {@code throughput} command. */
@Command(
        name = "throughput",
        description = {"Fresh keys with an empty effect, in a closed loop."},
        footer = {"", Session.PASSWORD_HELP, Session.EXIT_HELP},
        sortOptions = false,
        showDefaultValues = true)
final class ThroughputCommand implements Callable<Integer> {
    @Mixin
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private DatabaseOptions databases;

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

    @Mixin
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private RunOptions options;

    @Override
    public Integer call() throws Exception {
        Load load = loads.load();
        Checks.between("--processes", processes, 1, 64);
        for (int number : waiters) {
            Checks.between("--waiters", number, 0, 1000);
        }
        if (processes > 1 && !waiters.equals(List.of(0))) {
            throw new UsageException("--waiters wait for keys of one process: leave out --processes");
        }
        return new Session(options, databases, concurrencies, Contenders.Needed.CALLS)
                .run(concurrencies, (ground, progress) -> Benchmarks.throughput(ground, load, processes, waiters));
    }
}
