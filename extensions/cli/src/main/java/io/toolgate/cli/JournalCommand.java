package io.toolgate.cli;

import io.toolgate.migrations.ToolGateMigrations;
import io.toolgate.store.jdbc.StoreAccess;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** The {@code journal} command. */
@Command(
        name = "journal",
        description = "Switches the journal on or off, or tells whether it is on. Needs the role that owns the tables.",
        footer = {
            "",
            "On, each transition of a record leaves one row in tg_idempotency_journal, in the same commit. What happens while"
                    + " it is off is not in it, and 'toolgate doctor' then needs --journal-since."
        },
        sortOptions = false)
final class JournalCommand extends StoreCommand {
    /** What to do. */
    enum Wish {
        /** To write it. */
        ON,
        /** To write it no more; what is written stays. */
        OFF,
        /** To tell. */
        STATUS
    }

    @Parameters(paramLabel = "on|off|status", description = "What to do.")
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private Wish wish;

    JournalCommand(Environment environment) {
        super(environment);
    }

    @Override
    public Integer call() {
        var unused = reader();
        StoreAccess access = access();
        boolean before = ToolGateMigrations.journalIsOn(access.connections());
        boolean after = wish == Wish.STATUS ? before : wish == Wish.ON;
        if (after != before) {
            ToolGateMigrations.switchJournal(access.connections(), after);
        }
        print(
                Map.of("journal", after ? "on" : "off", "changed", after != before),
                out -> out.println("The journal is " + (after != before ? "now " : "") + (after ? "on." : "off.")));
        return ToolGateMain.DONE;
    }
}
