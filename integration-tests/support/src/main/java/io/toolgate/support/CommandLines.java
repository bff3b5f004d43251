package io.toolgate.support;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.function.Predicate;
import java.util.logging.LogManager;
import picocli.CommandLine;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.UnmatchedArgumentException;

/**
 * Runs programs made with picocli so that all of them fail alike: one line on standard error that says what to do, and
 * exit status {@link #USAGE} for mistakes of the user's, {@link #FAILED} for everything else.
 */
public final class CommandLines {
    /** Exit status of a command that did what was asked. */
    public static final int DONE = 0;
    /** Exit status of a command that failed. */
    public static final int FAILED = 1;
    /** Exit status of a command that was not understood or refused, and did nothing. */
    public static final int USAGE = 2;

    private CommandLines() {}

    /** Standard output in UTF-8, whatever the locale is: programs read it too. */
    public static PrintStream standardOutput() {
        return new PrintStream(new FileOutputStream(FileDescriptor.out), true, StandardCharsets.UTF_8);
    }

    /** Standard error in UTF-8, whatever the locale is: programs read it too. */
    public static PrintStream standardError() {
        return new PrintStream(new FileOutputStream(FileDescriptor.err), true, StandardCharsets.UTF_8);
    }

    /**
     * Turns logging off: what a library complains about is in the one line that says what went wrong. PostgreSQL's
     * driver would also log the password of a URL that has one in front of the host.
     */
    public static void silenceLibraries() {
        System.setProperty("org.slf4j.simpleLogger.defaultLogLevel", "off");
        LogManager.getLogManager().reset();
    }

    /** Runs {@code program} and returns its exit status. */
    public static int run(CommandLine program, PrintStream out, PrintStream err, String... args) {
        return run(
                program,
                new PrintWriter(out, true, StandardCharsets.UTF_8),
                new PrintWriter(err, true, StandardCharsets.UTF_8),
                e -> false,
                args);
    }

    /**
     * Runs {@code program} and returns its exit status.
     *
     * @param refusals recognizes exceptions that are mistakes of the user's besides {@link UsageException}
     */
    public static int run(
            CommandLine program, PrintWriter out, PrintWriter err, Predicate<Exception> refusals, String... args) {
        return program.setOut(out)
                .setErr(err)
                .setCaseInsensitiveEnumValuesAllowed(true)
                .setParameterExceptionHandler((e, arguments) -> complain(e.getCommandLine(), e, USAGE))
                .setExecutionExceptionHandler((e, command, parsed) ->
                        complain(command, e, e instanceof UsageException || refusals.test(e) ? USAGE : FAILED))
                .execute(args);
    }

    private static int complain(CommandLine command, Exception e, int status) {
        String hint = e instanceof ParameterException
                ? " (see '" + command.getCommandSpec().qualifiedName() + " --help')"
                : "";
        String message = e instanceof UnmatchedArgumentException unmatched
                ? Messages.oneLine(unmatched(unmatched))
                : Messages.oneLine(e);
        command.getErr().println(command.getCommandSpec().root().name() + ": " + message + hint);
        return status;
    }

    /** Names an unknown command or option, without the values beside it: they may be keys, or a password. */
    private static String unmatched(UnmatchedArgumentException e) {
        List<String> options = e.getUnmatched().stream()
                .filter(argument -> argument.startsWith("-"))
                .map(option -> option.startsWith("--")
                        ? option.replaceAll("=.*", "")
                        : option.substring(0, Math.min(2, option.length())))
                .toList();
        List<String> suggestions = e.getSuggestions();
        String suggestion = suggestions.isEmpty() ? "" : ": did you mean " + suggestions.get(0) + "?";
        if (!options.isEmpty()) {
            return "unknown option " + String.join(", ", options) + suggestion;
        }
        return e.getCommandLine().getParent() == null
                ? "unknown command " + e.getUnmatched().get(0) + suggestion
                : "too many arguments: put quotes around an argument that contains spaces";
    }
}
