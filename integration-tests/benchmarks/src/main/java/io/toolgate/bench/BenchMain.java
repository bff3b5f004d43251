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
import io.toolgate.support.RootCommand;
import io.toolgate.support.process.ChildRole;
import io.toolgate.support.process.PostgresGuard;
import java.io.BufferedReader;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/**
 * The command line of {@code toolgate-bench.jar}. Exit status 0: everything was measured. 1: a measurement failed. 2:
 * wrong usage, with one line on standard error that says what to do.
 */
@Command(
        name = "toolgate-bench",
        description = "Measures ToolGate next to hand-written statements and to other libraries, side by side on one"
                + " database.",
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
public final class BenchMain extends RootCommand {
    private static final Map<String, ChildRole> ROLES = Map.of(
            PostgresGuard.ROLE, PostgresGuard::run,
            ThroughputChild.ROLE, (in, out) -> ThroughputChild.run(reader(in), out, Contenders::named),
            RemoteParty.ROLE, (in, out) -> RemoteParty.run(reader(in), out, Contenders::named));

    private BenchMain() {
        super("name a benchmark, such as throughput");
    }

    /** Runs a command and exits. */
    public static void main(String[] args) {
        PrintStream out = CommandLines.standardOutput();
        PrintStream err = CommandLines.standardError();
        ChildRole role = ChildRole.named(args, ROLES);
        if (role == null) {
            System.exit(run(args, out, err));
        } else {
            CommandLines.silenceLibraries();
            System.exit(role.runHere(out, err));
        }
    }

    static int run(String[] args, PrintStream out, PrintStream err) {
        CommandLines.silenceLibraries();
        return CommandLines.run(new CommandLine(new BenchMain()), out, err, args);
    }

    private static BufferedReader reader(InputStream in) {
        return new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8));
    }
}
