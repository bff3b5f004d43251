package io.toolgate.cli;

import io.toolgate.migrations.ToolGateMigrations;
import io.toolgate.store.jdbc.StoreAccess;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;

/** The {@code validate} command. */
@Command(
        name = "validate",
        description = "Checks that the schema is there, whole, and of the version that belongs to this program.",
        footer = {"", "Exit status: 0 it is, 1 it is not, 2 wrong usage. 'toolgate doctor' looks at what is in it."},
        sortOptions = false)
final class ValidateCommand extends StoreCommand {
    private static final Set<String> TABLES = Set.of(
            "tg_idempotency",
            "tg_store_info",
            "tg_idempotency_checkpoint",
            "tg_idempotency_history",
            "tg_idempotency_journal",
            "tg_idempotency_counts");

    ValidateCommand(Environment environment) {
        super(environment);
    }

    @Override
    public Integer call() {
        StoreAccess access = access();
        List<String> faults = new ArrayList<>(schemaVersion(access)
                .<List<String>>fold(
                        () -> List.of("there are no tables of ToolGate's: 'toolgate migrate' creates them"),
                        current -> missing(access),
                        older -> List.of("the schema has version " + older.version() + " and should have "
                                + ToolGateMigrations.currentVersion() + ": 'toolgate migrate' upgrades it"),
                        newer -> List.of("the schema has version " + newer.version() + " and this program is made for "
                                + ToolGateMigrations.currentVersion() + ": use the program that belongs to it")));
        Map<String, Object> object = new LinkedHashMap<>();
        object.put("valid", faults.isEmpty());
        object.put("faults", faults);
        print(object, out -> {
            if (faults.isEmpty()) {
                out.println("The schema is whole and current, version " + ToolGateMigrations.currentVersion() + ".");
            }
        });
        faults.forEach(fault -> environment().err().println("toolgate: " + fault));
        return faults.isEmpty() ? ToolGateMain.DONE : ToolGateMain.FAILED;
    }

    /** The tables that a current schema lacks. */
    static Set<String> missingTables(Reader reader) {
        Set<String> missing = new TreeSet<>(TABLES);
        missing.removeAll(reader.look(view ->
                view.rows("tables").stream().map(row -> row.text("name")).collect(Collectors.toSet())));
        return missing;
    }

    private static List<String> missing(StoreAccess access) {
        return missingTables(new Reader(access)).stream()
                .map(table -> "table " + table + " is missing though the schema claims to be current: restore it from a"
                        + " backup, or from the script that makes it ('toolgate print')")
                .toList();
    }
}
