package io.toolgate.cli;

import java.io.Console;
import java.lang.reflect.InvocationTargetException;
import org.jspecify.annotations.Nullable;

/** The person at the terminal. */
interface Terminal {
    /** Asks for a line; null if there was none. */
    @Nullable
    String ask(String question);

    /** Asks for a password, which is not shown; null if none was typed. */
    @Nullable
    String askSecret(String question);

    /**
     * The terminal of this process, or null if nobody is there. Newer JDKs have a console without a terminal too, and a method
     * to ask.
     */
    @SuppressWarnings("SystemConsoleNull") // newer JDKs are asked below
    static @Nullable Terminal ofThisProcess() {
        Console console = System.console();
        if (console == null) {
            return null;
        }
        try {
            if (!Boolean.TRUE.equals(Console.class.getMethod("isTerminal").invoke(console))) {
                return null;
            }
        } catch (NoSuchMethodException e) {
            return of(console);
        } catch (IllegalAccessException | InvocationTargetException e) {
            return null;
        }
        return of(console);
    }

    private static Terminal of(Console console) {
        return new Terminal() {
            @Override
            public @Nullable String ask(String question) {
                return console.readLine("%s", question);
            }

            @Override
            public @Nullable String askSecret(String question) {
                char[] typed = console.readPassword("%s", question);
                return typed == null ? null : new String(typed);
            }
        };
    }
}
