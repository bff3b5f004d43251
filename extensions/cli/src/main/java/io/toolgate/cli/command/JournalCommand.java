package io.toolgate.cli.command;

import io.toolgate.cli.base.DatabaseOptions;
import io.toolgate.cli.base.Environment;
import io.toolgate.cli.base.OutputOptions;
import io.toolgate.migrations.ToolGateMigrations;
import io.toolgate.store.jdbc.StoreAccess;
import io.toolgate.support.CommandLines;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** The {@code journal} command. */
@Command(
        name = "journal",
        description = "Switches the journal on or off, or shows whether it is on. Needs the role that owns the tables.",
        footer = {
            "",
            "While it is on, each transition of a record adds a row to tg_idempotency_journal in the same commit."
                    + " Transitions while it is off are missing; 'toolgate doctor' then needs --journal-since."
        },
        sortOptions = false)
public final class JournalCommand implements Callable<Integer> {
    /** The argument of the command. */
    enum Mode {
        /** Write entries from now on. */
        ON,
        /** Stop writing entries; existing ones stay. */
        OFF,
        /** Show whether entries are written. */
        STATUS
    }

    @Parameters(paramLabel = "on|off|status", description = "on and off switch it, status shows it.")
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private Mode mode;

    @Mixin
    private final DatabaseOptions database;

    @Mixin
    private final OutputOptions output;

    /** The command, run in {@code environment}. */
    public JournalCommand(Environment environment) {
        this.database = new DatabaseOptions(environment);
        this.output = new OutputOptions(environment);
    }

    @Override
    public Integer call() {
        var unused = database.reader();
        StoreAccess access = database.access();
        boolean before = DatabaseOptions.migrations(access, ToolGateMigrations::journalIsOn);
        boolean after = mode == Mode.STATUS ? before : mode == Mode.ON;
        if (after != before) {
            boolean unused2 = DatabaseOptions.migrations(access, connections -> {
                ToolGateMigrations.switchJournal(connections, after);
                return after;
            });
        }
        output.print(
                Map.of("journal", after ? "on" : "off", "changed", after != before),
                out -> out.println("The journal is " + (after != before ? "now " : "") + (after ? "on." : "off.")));
        return CommandLines.DONE;
    }
}
