package io.toolgate.support;

import java.io.Console;
import java.lang.reflect.InvocationTargetException;
import org.jspecify.annotations.Nullable;

/** A terminal with a person at it. */
public interface Terminal {
    /** Asks for a line; null at the end of input. */
    @Nullable
    String ask(String question);

    /** Asks for a password, which is not shown; null at the end of input. */
    @Nullable
    String askSecret(String question);

    /** The terminal of this process, or null if it has none. */
    @SuppressWarnings("SystemConsoleNull") // since JDK 22 there is a console without a terminal, and a method to tell
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
