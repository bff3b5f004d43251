package io.toolgate.bench;

import io.toolgate.bench.run.Benchmarks;
import io.toolgate.bench.run.Load;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** The {@code replay} command. */
@Command(
        name = "replay",
        description = {"Finished keys, called again in a closed loop."},
        footer = {"", Session.PASSWORD_HELP, Session.EXIT_HELP},
        sortOptions = false,
        showDefaultValues = true)
final class ReplayCommand implements Callable<Integer> {
    @Mixin
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private DatabaseOptions databases;

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

    @Mixin
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private RunOptions options;

    @Override
    public Integer call() throws Exception {
        Load load = loads.load();
        Checks.between("--keys", keys, 1, 10_000_000);
        return new Session(options, databases, concurrencies, Contenders.Needed.CALLS)
                .run(concurrencies, (ground, progress) -> Benchmarks.replay(ground, load, keys));
    }
}
