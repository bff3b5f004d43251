package io.toolgate.bench;

import io.toolgate.bench.command.Contenders;
import io.toolgate.bench.command.GrowthCommand;
import io.toolgate.bench.command.HerdCommand;
import io.toolgate.bench.command.PurgeCommand;
import io.toolgate.bench.command.ReplayCommand;
import io.toolgate.bench.command.ThroughputCommand;
import io.toolgate.bench.command.WakeupCommand;
import io.toolgate.bench.run.ThroughputChild;
import io.toolgate.bench.wakeup.RemoteParty;
import io.toolgate.support.CommandLines;
import io.toolgate.support.HelpOption;
import io.toolgate.support.Messages;
import io.toolgate.support.process.PostgresGuard;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.Set;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
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
    private static final Set<String> ROLES = Set.of(PostgresGuard.ROLE, ThroughputChild.ROLE, RemoteParty.ROLE);

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private CommandSpec spec;

    @Mixin
    @SuppressWarnings({"NullAway.Init", "UnusedVariable"}) // picocli sets it, and reads it
    private HelpOption help;

    private BenchMain() {}

    /** Runs a command and exits. */
    public static void main(String[] args) {
        PrintStream out = CommandLines.standardOutput();
        PrintStream err = CommandLines.standardError();
        System.exit(isChild(args) ? runChild(args[0], out, err) : run(args, out, err));
    }

    static int run(String[] args, PrintStream out, PrintStream err) {
        CommandLines.silenceLibraries();
        return CommandLines.run(new CommandLine(new BenchMain()), out, err, args);
    }

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "name a benchmark, such as throughput");
    }

    /** Whether this is a child process with a role. */
    private static boolean isChild(String[] args) {
        return args.length == 1 && ROLES.contains(args[0]);
    }

    private static int runChild(String role, PrintStream out, PrintStream err) {
        CommandLines.silenceLibraries();
        try {
            if (role.equals(PostgresGuard.ROLE)) {
                PostgresGuard.run(System.in, out);
                return CommandLines.DONE;
            }
            BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
            if (role.equals(ThroughputChild.ROLE)) {
                ThroughputChild.run(in, out, Contenders::named);
            } else {
                RemoteParty.run(in, out, Contenders::named);
            }
            return CommandLines.DONE;
        } catch (Exception e) {
            e.printStackTrace(err);
            err.println(Messages.oneLine(e));
            return CommandLines.FAILED;
        }
    }
}
