package io.toolgate.cli.base;

import io.toolgate.support.Json;
import java.io.PrintWriter;
import java.util.Map;
import java.util.function.Consumer;
import picocli.CommandLine.Option;

/** The options of every command, {@code --json} and {@code --help}, and the output that they select. */
public final class OutputOptions {
    /** The place of these options in a command's help: last, after the database and the command's own. */
    static final int ORDER = 100;

    private final Environment environment;

    @Option(names = "--json", order = ORDER, description = "Prints one JSON object on standard output, for programs.")
    private boolean json;

    @Option(
            names = {"-h", "--help"},
            order = ORDER,
            usageHelp = true,
            description = "Shows this help and exits.")
    @SuppressWarnings("UnusedVariable") // picocli reads it
    private boolean help;

    /** The options of a command that runs in {@code environment}. */
    public OutputOptions(Environment environment) {
        this.environment = environment;
    }

    /** Whether the output is for programs. */
    public boolean json() {
        return json;
    }

    /** Prints the result: {@code object} with {@code --json}, else what {@code text} prints. */
    public void print(Map<String, ?> object, Consumer<PrintWriter> text) {
        if (json) {
            environment.out().println(Json.line(object));
        } else {
            text.accept(environment.out());
        }
        environment.out().flush();
    }
}
