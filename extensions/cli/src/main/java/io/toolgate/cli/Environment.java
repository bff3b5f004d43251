package io.toolgate.cli;

import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a command has around it.
 *
 * @param out where its result goes
 * @param err where everything else goes
 * @param variables the environment's
 * @param directory the working directory
 * @param user who runs it, as the system says
 * @param terminal the person who runs it, or null if a program does
 * @param patience how long it may work before it says so on a terminal
 */
record Environment(
        PrintWriter out,
        PrintWriter err,
        Map<String, String> variables,
        Path directory,
        String user,
        @Nullable Terminal terminal,
        Duration patience) {}
