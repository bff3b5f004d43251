package io.toolgate.race;

import io.toolgate.race.demo.DemoCommand;
import io.toolgate.race.provider.ProviderMain;
import io.toolgate.race.racer.RacerMain;
import io.toolgate.race.run.RunCommand;
import io.toolgate.race.verify.VerifyCommand;
import io.toolgate.support.CommandLines;
import io.toolgate.support.RootCommand;
import io.toolgate.support.process.ChildRole;
import io.toolgate.support.process.PostgresGuard;
import java.io.PrintStream;
import java.util.Map;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/**
 * The command line of {@code toolgate-race.jar}. Exit status 0: the guarantee held. 1: it was violated, or the run
 * failed. 2: wrong usage, with one line on standard error that says what to do.
 */
@Command(
        name = "toolgate-race",
        description = "Races many processes for the same keys on one database, and checks the guarantees.",
        subcommands = {RunCommand.class, VerifyCommand.class, DemoCommand.class},
        sortOptions = false)
public final class RaceMain extends RootCommand {
    /** The guarantee held. */
    public static final int HELD = 0;
    /** The guarantee was violated, or the run failed. */
    public static final int VIOLATED = 1;
    /** Wrong usage. */
    public static final int USAGE = 2;

    private static final Map<String, ChildRole> ROLES = Map.of(
            ProviderMain.ROLE, ProviderMain::run,
            RacerMain.ROLE, RacerMain::run,
            PostgresGuard.ROLE, PostgresGuard::run);

    private RaceMain() {
        super("name a command, such as demo");
    }

    /** Runs a command and exits. */
    public static void main(String[] args) {
        PrintStream out = CommandLines.standardOutput();
        PrintStream err = CommandLines.standardError();
        // A child process does without picocli, to start quickly.
        ChildRole role = ChildRole.named(args, ROLES);
        System.exit(role == null ? run(args, out, err) : role.runHere(out, err));
    }

    static int run(String[] args, PrintStream out, PrintStream err) {
        CommandLines.silenceLibraries();
        return CommandLines.run(new CommandLine(new RaceMain()), out, err, args);
    }
}
