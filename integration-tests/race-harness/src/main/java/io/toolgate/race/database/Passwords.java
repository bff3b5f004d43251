package io.toolgate.race.database;

import io.toolgate.race.UsageException;
import java.io.Console;
import java.lang.reflect.InvocationTargetException;
import org.jspecify.annotations.Nullable;

/** Where the password comes from: the environment, or a person; never the command line, which everybody can read. */
public final class Passwords {
    /** The environment variable that may hold it. */
    public static final String VARIABLE = "TOOLGATE_PASSWORD";

    private Passwords() {}

    /**
     * The password for {@code database}, or null if it needs none, or none is given and nobody can be
     * asked.
     */
    public static @Nullable String find(Database database) {
        if (!database.isPostgresql()) {
            return null;
        }
        String given = System.getenv(VARIABLE);
        if (given != null || database.user() == null) {
            return given;
        }
        Console console = terminal();
        if (console == null) {
            return null;
        }
        char[] typed = console.readPassword("Password of %s (Enter for none): ", database.user());
        if (typed == null) {
            throw new UsageException("no password was typed; put it into the environment variable " + VARIABLE);
        }
        return typed.length == 0 ? null : new String(typed);
    }

    /** The terminal, if there is one. Newer JDKs have a console without a terminal too, and a method to ask. */
    @SuppressWarnings("SystemConsoleNull") // newer JDKs are asked below
    private static @Nullable Console terminal() {
        Console console = System.console();
        if (console == null) {
            return null;
        }
        try {
            return Boolean.TRUE.equals(Console.class.getMethod("isTerminal").invoke(console)) ? console : null;
        } catch (NoSuchMethodException e) {
            return console;
        } catch (IllegalAccessException | InvocationTargetException e) {
            return null;
        }
    }
}
