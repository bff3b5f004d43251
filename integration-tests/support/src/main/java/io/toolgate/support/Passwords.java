package io.toolgate.support;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Finds the password of a database: in an environment variable, or by asking on the terminal. There is no option for
 * it, since every user of the machine can read a command line.
 */
public final class Passwords {
    /** The environment variable that holds the password. */
    public static final String VARIABLE = "TOOLGATE_PASSWORD";

    /** A line for the end of a command's help. */
    public static final String HELP =
            "The password comes from the environment variable " + VARIABLE + ", or is asked for on a terminal.";

    private Passwords() {}

    /**
     * The password for {@code login}, or null if it needs none, or if none is set and there is no terminal to ask on.
     *
     * @param variable the environment variable that may hold it
     * @param environment the environment's variables
     * @throws UsageException if the terminal's input ended instead
     */
    public static @Nullable String find(
            DatabaseLogin login, String variable, Map<String, String> environment, @Nullable Terminal terminal) {
        if (!login.usesPostgresql()) {
            return null;
        }
        String set = environment.get(variable);
        if (set != null || login.user() == null || terminal == null) {
            return set;
        }
        String typed = terminal.askSecret("Password for " + login.user() + " (Enter for none): ");
        if (typed == null) {
            throw new UsageException("no password was entered: set the environment variable " + variable + " to it");
        }
        return typed.isEmpty() ? null : typed;
    }
}
