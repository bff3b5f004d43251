package io.toolgate.cli;

import io.toolgate.store.StoreException;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.logging.LogManager;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;
import picocli.CommandLine.UnmatchedArgumentException;

/**
 * The command line of {@code toolgate.jar}. Exit status 0: done, and everything is as it should be. 1: it failed, or something
 * is not as it should be. 2: wrong usage, or refused, and nothing was changed; one line on standard error says what to do.
 */
@Command(
        name = "toolgate",
        description =
                "Looks after a ToolGate database: its schema, its health, and keys of which nobody knows what became.",
        footer = {
            "",
            "Without --url the SQLite file toolgate.db in the working directory is used.",
            "Exit status: 0 done, and everything is as it should be; 1 failed, or something is not; 2 wrong usage or refused."
        },
        sortOptions = false)
public final class ToolGateMain implements Runnable {
    /** Done, and everything is as it should be. */
    static final int DONE = 0;
    /** It failed, or something is not as it should be. */
    static final int FAILED = 1;
    /** Wrong usage, or refused; nothing was changed. */
    static final int REFUSED = 2;

    private static final Duration PATIENCE = Duration.ofSeconds(2);

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private CommandSpec spec;

    @Option(
            names = {"-h", "--help"},
            usageHelp = true,
            description = "Shows this and exits.")
    @SuppressWarnings("UnusedVariable") // picocli reads it
    private boolean help;

    private ToolGateMain() {}

    /** Runs a command and exits. */
    public static void main(String[] args) {
        // What is printed is read by programs too, so its encoding does not depend on the locale.
        PrintWriter out = new PrintWriter(new FileOutputStream(FileDescriptor.out), true, StandardCharsets.UTF_8);
        PrintWriter err = new PrintWriter(new FileOutputStream(FileDescriptor.err), true, StandardCharsets.UTF_8);
        // What a library complains about ends up in the one line that says what went wrong. PostgreSQL's driver would
        // also
        // log the password of a URL that has one in front of the host.
        System.setProperty("org.slf4j.simpleLogger.defaultLogLevel", "off");
        LogManager.getLogManager().reset();
        Environment environment = new Environment(
                out,
                err,
                System.getenv(),
                Path.of("").toAbsolutePath(),
                System.getProperty("user.name", ""),
                Terminal.ofThisProcess(),
                PATIENCE);
        int status = run(environment, args);
        out.flush();
        System.exit(status);
    }

    /** Runs a command. */
    static int run(Environment environment, String... args) {
        CommandLine line = new CommandLine(new ToolGateMain());
        for (CliCommand command : commands(environment)) {
            line.addSubcommand(command);
        }
        return line.setOut(environment.out())
                .setErr(environment.err())
                .setCaseInsensitiveEnumValuesAllowed(true)
                .setParameterExceptionHandler((e, arguments) -> complain(e.getCommandLine(), e, REFUSED))
                .setExecutionExceptionHandler((e, command, parsed) -> complain(command, e, status(e)))
                .execute(args);
    }

    private static List<CliCommand> commands(Environment environment) {
        return List.of(
                new StatsCommand(environment),
                new ListCommand(environment),
                new ExplainCommand(environment),
                new ResolveCommand(environment),
                new RetireCommand(environment),
                new PurgeCommand(environment),
                new DoctorCommand(environment),
                new JournalCommand(environment),
                new MigrateCommand(environment),
                new InfoCommand(environment),
                new ValidateCommand(environment),
                new PrintCommand(environment));
    }

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "name a command, such as stats");
    }

    private static int status(Exception e) {
        boolean refused = e instanceof RefusedException
                || e instanceof StoreException.Misconfigured
                || e instanceof StoreException.Refused;
        return refused ? REFUSED : FAILED;
    }

    private static int complain(CommandLine command, Exception e, int status) {
        String hint = e instanceof ParameterException
                ? "; '" + command.getCommandSpec().qualifiedName() + " --help' lists what there is"
                : "";
        String message = e instanceof UnmatchedArgumentException unmatched ? unmatched(unmatched) : messageOf(e);
        command.getErr().println("toolgate: " + Texts.oneLine(message) + hint);
        return status;
    }

    /** What nothing knows, without the values beside it: they may be keys, or a password. */
    private static String unmatched(UnmatchedArgumentException e) {
        List<String> options = e.getUnmatched().stream()
                .filter(argument -> argument.startsWith("-"))
                .map(option -> option.startsWith("--")
                        ? option.replaceAll("=.*", "")
                        : option.substring(0, Math.min(2, option.length())))
                .toList();
        List<String> suggestions = e.getSuggestions();
        String meant = suggestions.isEmpty() ? "" : ": did you mean " + suggestions.get(0) + "?";
        if (!options.isEmpty()) {
            return "there is no option " + String.join(", ", options) + meant;
        }
        return e.getCommandLine().getParent() == null
                ? "there is no command " + e.getUnmatched().get(0) + meant
                : "too many arguments: put quotes around one that has blanks in it";
    }

    private static String messageOf(Exception e) {
        String message = e.getMessage();
        return message == null || message.isBlank() ? e.getClass().getSimpleName() : message;
    }
}
