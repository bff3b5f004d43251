package io.toolgate.bench.command;

import io.toolgate.bench.run.Benchmark;
import io.toolgate.bench.run.Ground;
import io.toolgate.support.Passwords;
import io.toolgate.support.UsageException;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.function.Consumer;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** A command that measures contenders on a database. */
@Command(
        footer = {
            "",
            PlaceOptions.HELP,
            Passwords.HELP,
            "Exit status: 0 everything was measured, 1 something failed, 2 wrong usage."
        },
        sortOptions = false,
        showDefaultValues = true)
public abstract class BenchmarkCommand implements Callable<Integer> {
    @Mixin
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private PlaceOptions places;

    @Mixin
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private RunOptions options;

    BenchmarkCommand() {}

    /** Makes a benchmark. */
    @FunctionalInterface
    interface Maker {
        Benchmark make(Ground ground, Consumer<String> progress);
    }

    /**
     * Refuses a number that is out of bounds.
     *
     * @throws UsageException if it is
     */
    static void requireBetween(String option, long value, long least, long most) {
        if (value < least || value > most) {
            throw new UsageException(option + " must be " + least + " to " + most + ", and not " + value);
        }
    }

    /**
     * Measures and prints; returns the exit status.
     *
     * @param needed what contenders must be able to do
     */
    final int measure(List<Integer> concurrencies, Contenders.Needed needed, Maker maker) throws Exception {
        return new Session(options, places, concurrencies, needed).run(concurrencies, maker);
    }
}
