package io.toolgate.bench.command;

import io.toolgate.support.UsageException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Help.Visibility;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** The options of every benchmark: contenders, repetitions, and the form of results; commands mix them in. */
final class RunOptions {
    private static final int MOST_REPETITIONS = 1000;
    private static final int MOST_CALLERS = 20_000;

    /** In help, after the options of the command itself. */
    private static final int LAST = 1;

    @Spec(Spec.Target.MIXEE)
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private CommandSpec command;

    @Option(
            names = "--contenders",
            order = LAST,
            split = ",",
            paramLabel = "NAME",
            description = "Measures these contenders only. Default: all that can take part.",
            showDefaultValue = Visibility.NEVER)
    private List<String> contenders = List.of();

    @Option(
            names = "--repetitions",
            order = LAST,
            defaultValue = "5",
            paramLabel = "N",
            description = "How often each is measured.")
    private int repetitions;

    @Option(
            names = "--seed",
            order = LAST,
            paramLabel = "N",
            description = "Draws keys and orders as an earlier run did.")
    private @Nullable Long seed;

    @Option(
            names = "--json",
            order = LAST,
            description = "Prints one JSON object.",
            showDefaultValue = Visibility.NEVER)
    private boolean json;

    @Option(
            names = "--markdown",
            order = LAST,
            description = "Prints the table, and how it was measured, for a README.",
            showDefaultValue = Visibility.NEVER)
    private boolean markdown;

    @Option(names = "--plot", order = LAST, paramLabel = "FILE.svg", description = "Draws a picture, too.")
    private @Nullable Path plot;

    @Option(
            names = {"-v", "--verbose"},
            order = LAST,
            description = "Prints each measurement on standard error as it ends.",
            showDefaultValue = Visibility.NEVER)
    private boolean verbose;

    @Option(
            names = {"-h", "--help"},
            order = LAST,
            usageHelp = true,
            description = "Shows this and exits.",
            showDefaultValue = Visibility.NEVER)
    @SuppressWarnings("UnusedVariable") // picocli reads it
    private boolean help;

    /**
     * Checks the options before anything is started.
     *
     * @throws UsageException if something is wrong
     */
    void check(List<Integer> concurrencies) {
        if (repetitions < 1 || repetitions > MOST_REPETITIONS) {
            throw new UsageException("--repetitions must be 1 to " + MOST_REPETITIONS + ", and not " + repetitions);
        }
        for (int concurrency : concurrencies) {
            if (concurrency < 1 || concurrency > MOST_CALLERS) {
                throw new UsageException("--concurrency must be 1 to " + MOST_CALLERS + ", and not " + concurrency);
            }
        }
        if (json && markdown) {
            throw new UsageException("--json and --markdown both print to standard output: leave one of them out");
        }
        if (plot != null && !plot.toString().endsWith(".svg")) {
            throw new UsageException("--plot draws SVG: give a name that ends in .svg, and not " + plot);
        }
        Path parent = plot == null ? null : plot.toAbsolutePath().getParent();
        if (parent != null && !Files.isDirectory(parent)) {
            throw new UsageException("--plot " + plot + " has no directory to be in: create it first");
        }
    }

    CommandSpec command() {
        return command;
    }

    List<String> contenders() {
        return contenders;
    }

    int repetitions() {
        return repetitions;
    }

    long seed() {
        return seed == null ? new SecureRandom().nextInt(1_000_000_000) : seed;
    }

    boolean json() {
        return json;
    }

    boolean markdown() {
        return markdown;
    }

    @Nullable
    Path plot() {
        return plot;
    }

    boolean verbose() {
        return verbose;
    }
}
