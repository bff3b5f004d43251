package io.toolgate.bench.command;

import io.toolgate.bench.run.Benchmarks;
import io.toolgate.bench.run.Where;
import java.time.Duration;
import java.util.EnumSet;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** The {@code wakeup} command. */
@Command(
        name = "wakeup",
        description = {"How long after an owner's call returned a duplicate that waits is answered."})
public final class WakeupCommand extends BenchmarkCommand {
    @Option(
            names = "--concurrency",
            split = ",",
            defaultValue = "1",
            paramLabel = "N",
            description = "Keys that are waited for at a time.")
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private List<Integer> concurrencies;

    @Option(
            names = "--where",
            split = ",",
            defaultValue = "process,jvm",
            paramLabel = "PLACE",
            description = "Where the waiter is: in another process, or in the owner's JVM.")
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private List<Where> where;

    @Option(names = "--rounds", defaultValue = "200", paramLabel = "N", description = "Wake-ups in each repetition.")
    private int rounds;

    @Option(
            names = "--warmup-seconds",
            defaultValue = "60",
            paramLabel = "S",
            description =
                    "How long rounds with an action of a millisecond are played before, until all code is compiled:"
                            + " on few cores the compiler makes the slowest wake-ups twice as slow.")
    private double warmupSeconds;

    @Option(
            names = "--action-millis",
            defaultValue = "50",
            paramLabel = "MS",
            description = "How long an owner runs at least; a random time up to as long again is added.")
    private int actionMillis;

    /** Made by the command line. */
    public WakeupCommand() {}

    @Override
    public Integer call() throws Exception {
        requireBetween("--rounds", rounds, 1, 1_000_000);
        requireBetween("--action-millis", actionMillis, 1, 10_000);
        Duration warmup = LoadOptions.warmup(warmupSeconds);
        return measure(
                concurrencies,
                Contenders.Needed.CALLS,
                (ground, progress) -> Benchmarks.wakeup(
                        ground, warmup, rounds, Duration.ofMillis(actionMillis), EnumSet.copyOf(where)));
    }
}
