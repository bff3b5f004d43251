package io.toolgate.cli.base;

import io.toolgate.cli.output.Progress;
import io.toolgate.support.Terminal;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The process that a command runs in.
 *
 * @param out standard output, for the command's result
 * @param err standard error, for everything else
 * @param variables the environment variables
 * @param directory the working directory
 * @param user the operating system's user
 * @param terminal the terminal, or null if the command is not run by a person
 * @param progressDelay how long a command runs before it shows its progress on a terminal
 */
public record Environment(
        PrintWriter out,
        PrintWriter err,
        Map<String, String> variables,
        Path directory,
        String user,
        @Nullable Terminal terminal,
        Duration progressDelay) {

    /** Starts to show the progress of a long command, if there is a terminal. */
    public Progress progress(String step) {
        return terminal == null ? Progress.hidden() : Progress.shown(err, progressDelay, step);
    }
}
