package io.toolgate.cli;

import java.util.Map;
import java.util.concurrent.Callable;
import java.util.function.Consumer;
import picocli.CommandLine.Option;

/** What all commands have. */
abstract class CliCommand implements Callable<Integer> {
    private final Environment environment;

    @Option(names = "--json", description = "Prints one JSON object, for programs.")
    private boolean json;

    @Option(
            names = {"-h", "--help"},
            usageHelp = true,
            description = "Shows this and exits.")
    @SuppressWarnings("UnusedVariable") // picocli reads it
    private boolean help;

    CliCommand(Environment environment) {
        this.environment = environment;
    }

    final Environment environment() {
        return environment;
    }

    final boolean json() {
        return json;
    }

    /** Prints the result: {@code object} for programs, or what {@code table} prints for people. */
    final void print(Map<String, ?> object, Consumer<java.io.PrintWriter> table) {
        if (json) {
            environment.out().println(Json.of(object));
        } else {
            table.accept(environment.out());
        }
        environment.out().flush();
    }
}
