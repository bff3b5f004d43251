package io.toolgate.cli;

import io.toolgate.cli.base.Environment;
import io.toolgate.cli.command.DoctorCommand;
import io.toolgate.cli.command.ExplainCommand;
import io.toolgate.cli.command.InfoCommand;
import io.toolgate.cli.command.JournalCommand;
import io.toolgate.cli.command.ListCommand;
import io.toolgate.cli.command.MigrateCommand;
import io.toolgate.cli.command.PrintCommand;
import io.toolgate.cli.command.PurgeCommand;
import io.toolgate.cli.command.ResolveCommand;
import io.toolgate.cli.command.RetireCommand;
import io.toolgate.cli.command.StatsCommand;
import io.toolgate.cli.command.ValidateCommand;
import io.toolgate.store.StoreException;
import io.toolgate.support.CommandLines;
import io.toolgate.support.RootCommand;
import io.toolgate.support.Terminal;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/** The entry point of {@code toolgate.jar}: runs one command and exits with a status of {@link CommandLines}. */
@Command(
        name = "toolgate",
        description =
                "Inspects and maintains a ToolGate store: its health, its schema, and keys whose effect is in doubt.",
        footer = {
            "",
            "Without --url the SQLite file toolgate.db in the working directory is used.",
            "Exit status: 0 success; 1 failed, or found a fault; 2 wrong usage or refused, nothing was changed."
        },
        sortOptions = false)
public final class ToolGateMain extends RootCommand {
    private static final Duration PROGRESS_DELAY = Duration.ofSeconds(2);

    private ToolGateMain() {
        super("no command given, such as stats");
    }

    /** Runs a command and exits. */
    public static void main(String[] args) {
        PrintWriter out = new PrintWriter(CommandLines.standardOutput(), true, StandardCharsets.UTF_8);
        PrintWriter err = new PrintWriter(CommandLines.standardError(), true, StandardCharsets.UTF_8);
        CommandLines.silenceLibraries();
        Environment environment = new Environment(
                out,
                err,
                System.getenv(),
                Path.of("").toAbsolutePath(),
                System.getProperty("user.name", ""),
                Terminal.ofThisProcess(),
                PROGRESS_DELAY);
        int status = run(environment, args);
        out.flush();
        System.exit(status);
    }

    /** Runs a command and returns its exit status. */
    static int run(Environment environment, String... args) {
        CommandLine line = new CommandLine(new ToolGateMain());
        commands(environment).forEach(line::addSubcommand);
        return CommandLines.run(line, environment.out(), environment.err(), ToolGateMain::isRefusal, args);
    }

    private static List<Callable<Integer>> commands(Environment environment) {
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

    private static boolean isRefusal(Exception e) {
        return e instanceof StoreException.Misconfigured || e instanceof StoreException.Refused;
    }
}
