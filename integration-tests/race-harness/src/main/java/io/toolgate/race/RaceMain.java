package io.toolgate.race;

import io.toolgate.race.database.PostgresGuard;
import io.toolgate.race.demo.DemoCommand;
import io.toolgate.race.provider.ProviderMain;
import io.toolgate.race.racer.RacerMain;
import io.toolgate.race.run.RunCommand;
import io.toolgate.race.verify.VerifyCommand;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
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
 * The command line of {@code toolgate-race.jar}. Exit status 0: the guarantee held. 1: it was violated, or the run failed.
 * 2: wrong usage, with one line on standard error that says what to do.
 */
@Command(
        name = "toolgate-race",
        description = "Races many processes for the same keys on one database, and judges what they left.",
        subcommands = {RunCommand.class, VerifyCommand.class, DemoCommand.class},
        sortOptions = false)
public final class RaceMain implements Runnable {
    /** The guarantee held. */
    public static final int HELD = 0;
    /** The guarantee was violated, or the run failed. */
    public static final int VIOLATED = 1;
    /** Wrong usage. */
    public static final int USAGE = 2;

    private static final Set<String> ROLES = Set.of(ProviderMain.ROLE, RacerMain.ROLE, PostgresGuard.ROLE);

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private CommandSpec spec;

    @Option(
            names = {"-h", "--help"},
            usageHelp = true,
            description = "Shows this and exits.")
    @SuppressWarnings("UnusedVariable") // picocli reads it
    private boolean help;

    private RaceMain() {}

    /** Runs a command and exits. */
    public static void main(String[] args) throws Exception {
        // What is printed is read by programs too, so its encoding does not depend on the locale.
        PrintStream out = new PrintStream(new FileOutputStream(FileDescriptor.out), true, StandardCharsets.UTF_8);
        PrintStream err = new PrintStream(new FileOutputStream(FileDescriptor.err), true, StandardCharsets.UTF_8);
        System.exit(isChild(args) ? runChild(args[0], out, err) : run(args, out, err));
    }

    static int run(String[] args, PrintStream out, PrintStream err) {
        // What a library complains about ends up in the one line that says what went wrong. PostgreSQL's driver would
        // also
        // log the password of a URL that has one in front of the host.
        System.setProperty("org.slf4j.simpleLogger.defaultLogLevel", "off");
        LogManager.getLogManager().reset();
        return new CommandLine(new RaceMain())
                .setOut(new PrintWriter(out, true, StandardCharsets.UTF_8))
                .setErr(new PrintWriter(err, true, StandardCharsets.UTF_8))
                .setCaseInsensitiveEnumValuesAllowed(true)
                .setParameterExceptionHandler((e, arguments) -> complain(e.getCommandLine(), e, USAGE))
                .setExecutionExceptionHandler(
                        (e, command, parsed) -> complain(command, e, e instanceof UsageException ? USAGE : VIOLATED))
                .execute(args);
    }

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "name a command, such as demo");
    }

    private static int complain(CommandLine command, Exception e, int status) {
        String hint = e instanceof ParameterException
                ? "; '" + command.getCommandSpec().qualifiedName() + " --help' lists what there is"
                : "";
        command.getErr().println("toolgate-race: " + Messages.oneLine(e) + hint);
        return status;
    }

    /** The roles that this program's own processes play. They do without the command line's library, to start quickly. */
    private static boolean isChild(String[] args) {
        return args.length == 1 && ROLES.contains(args[0]);
    }

    private static int runChild(String role, PrintStream out, PrintStream err) {
        try {
            switch (role) {
                case ProviderMain.ROLE -> ProviderMain.run(System.in, out);
                case PostgresGuard.ROLE -> PostgresGuard.run(System.in, out);
                default -> RacerMain.run(System.in, out);
            }
            return HELD;
        } catch (Exception e) {
            e.printStackTrace(err);
            err.println(Messages.oneLine(e));
            return VIOLATED;
        }
    }
}
