package io.toolgate.bench;

import io.toolgate.bench.database.PostgresGuard;
import io.toolgate.bench.run.RemoteParty;
import io.toolgate.bench.run.ThroughputChild;
import java.io.BufferedReader;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.util.Set;
import java.util.logging.LogManager;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/**
 * The command line of {@code toolgate-bench.jar}. Exit status 0: everything was measured. 1: a measurement failed. 2: wrong
 * usage, with one line on standard error that says what to do.
 */
@Command(
        name = "toolgate-bench",
        description =
                "Measures ToolGate next to hand-written statements and to other libraries, side by side on one database.",
        subcommands = {
            ThroughputCommand.class,
            WakeupCommand.class,
            HerdCommand.class,
            ReplayCommand.class,
            GrowthCommand.class,
            PurgeCommand.class,
            MemoryCommand.class
        },
        sortOptions = false)
public final class BenchMain implements Runnable {
    /** Everything was measured. */
    static final int MEASURED = 0;
    /** A measurement failed. */
    static final int FAILED = 1;
    /** Wrong usage. */
    static final int USAGE = 2;

    private static final Set<String> ROLES = Set.of(PostgresGuard.ROLE, ThroughputChild.ROLE, RemoteParty.ROLE);

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private CommandSpec spec;

    @Option(
            names = {"-h", "--help"},
            usageHelp = true,
            description = "Shows this and exits.")
    @SuppressWarnings("UnusedVariable") // picocli reads it
    private boolean help;

    private BenchMain() {}

    /** Runs a command and exits. */
    public static void main(String[] args) {
        // What is printed is read by programs too, so its encoding does not depend on the locale.
        PrintStream out = new PrintStream(new FileOutputStream(FileDescriptor.out), true, StandardCharsets.UTF_8);
        PrintStream err = new PrintStream(new FileOutputStream(FileDescriptor.err), true, StandardCharsets.UTF_8);
        System.exit(isChild(args) ? runChild(args[0], out, err) : run(args, out, err));
    }

    static int run(String[] args, PrintStream out, PrintStream err) {
        beQuiet();
        return new CommandLine(new BenchMain())
                .setOut(new PrintWriter(out, true, StandardCharsets.UTF_8))
                .setErr(new PrintWriter(err, true, StandardCharsets.UTF_8))
                .setCaseInsensitiveEnumValuesAllowed(true)
                .setParameterExceptionHandler((e, arguments) -> complain(e.getCommandLine(), e, USAGE))
                .setExecutionExceptionHandler(
                        (e, command, parsed) -> complain(command, e, e instanceof UsageException ? USAGE : FAILED))
                .execute(args);
    }

    /** What a library complains about ends up in the one line that says what went wrong. */
    private static void beQuiet() {
        System.setProperty("org.slf4j.simpleLogger.defaultLogLevel", "off");
        LogManager.getLogManager().reset();
    }

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "name a benchmark, such as throughput");
    }

    private static int complain(CommandLine command, Exception e, int status) {
        String hint = e instanceof ParameterException
                ? "; '" + command.getCommandSpec().qualifiedName() + " --help' lists what there is"
                : "";
        command.getErr().println("toolgate-bench: " + oneLine(e) + hint);
        return status;
    }

    private static String oneLine(Throwable thrown) {
        String message = thrown.getMessage();
        return message == null || message.isBlank()
                ? thrown.getClass().getSimpleName()
                : message.strip().replaceAll("\\s*\\R\\s*", " ").replaceAll("\\.$", "");
    }

    /** The roles that this program's own processes play. */
    private static boolean isChild(String[] args) {
        return args.length == 1 && ROLES.contains(args[0]);
    }

    private static int runChild(String role, PrintStream out, PrintStream err) {
        beQuiet();
        try {
            if (role.equals(PostgresGuard.ROLE)) {
                PostgresGuard.run(System.in, out);
                return MEASURED;
            }
            BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
            if (role.equals(ThroughputChild.ROLE)) {
                ThroughputChild.run(in, out, Contenders::named);
            } else {
                RemoteParty.run(in, out, Contenders::named);
            }
            return MEASURED;
        } catch (Exception e) {
            e.printStackTrace(err);
            err.println(oneLine(e));
            return FAILED;
        }
    }
}
