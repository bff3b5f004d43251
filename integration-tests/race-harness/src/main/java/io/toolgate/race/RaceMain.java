package io.toolgate.race;

import io.toolgate.race.demo.DemoCommand;
import io.toolgate.race.provider.ProviderMain;
import io.toolgate.race.racer.RacerMain;
import io.toolgate.race.run.RunCommand;
import io.toolgate.race.verify.VerifyCommand;
import io.toolgate.support.CommandLines;
import io.toolgate.support.HelpOption;
import io.toolgate.support.Messages;
import io.toolgate.support.process.PostgresGuard;
import java.io.PrintStream;
import java.util.Set;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/**
 * The command line of {@code toolgate-race.jar}. Exit status 0: the guarantee held. 1: it was violated, or the run failed.
 * 2: wrong usage, with one line on standard error that says what to do.
 */
@Command(
        name = "toolgate-race",
        description = "Races many processes for the same keys on one database, and checks the guarantees.",
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

    @Mixin
    @SuppressWarnings({"NullAway.Init", "UnusedVariable"}) // picocli sets it, and reads it
    private HelpOption help;

    private RaceMain() {}

    /** Runs a command and exits. */
    public static void main(String[] args) throws Exception {
        PrintStream out = CommandLines.standardOutput();
        PrintStream err = CommandLines.standardError();
        System.exit(isChild(args) ? runChild(args[0], out, err) : run(args, out, err));
    }

    static int run(String[] args, PrintStream out, PrintStream err) {
        CommandLines.silenceLibraries();
        return CommandLines.run(new CommandLine(new RaceMain()), out, err, args);
    }

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "name a command, such as demo");
    }

    /** Whether this is a child process with a role; those do without picocli, to start quickly. */
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
