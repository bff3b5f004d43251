package io.toolgate.bench.command;

import io.toolgate.bench.load.Load;
import io.toolgate.support.UsageException;
import java.time.Duration;
import picocli.CommandLine.Option;

/** The options of benchmarks with a closed loop; commands mix them in. */
final class LoadOptions {
    private static final double LONGEST = 24 * 3600.0;

    @Option(
            names = "--seconds",
            defaultValue = "10",
            paramLabel = "S",
            description = "How long a measured window lasts.")
    private double seconds;

    @Option(
            names = "--warmup-seconds",
            defaultValue = "3",
            paramLabel = "S",
            description = "How long the same load runs before each window.")
    private double warmupSeconds;

    /**
     * The load.
     *
     * @throws UsageException if it is out of bounds
     */
    Load load() {
        if (!(seconds >= 0.001 && seconds <= LONGEST)) {
            throw new UsageException("--seconds must be 0.001 to 86400, and not " + seconds);
        }
        return new Load(warmup(warmupSeconds), Duration.ofMillis(Math.round(seconds * 1e3)));
    }

    /**
     * The value of {@code --warmup-seconds}.
     *
     * @throws UsageException if it is out of bounds
     */
    static Duration warmup(double seconds) {
        if (!(seconds >= 0 && seconds <= LONGEST)) {
            throw new UsageException("--warmup-seconds must be 0 to 86400, and not " + seconds);
        }
        return Duration.ofMillis(Math.round(seconds * 1e3));
    }
}
