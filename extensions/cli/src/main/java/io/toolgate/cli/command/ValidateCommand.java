package io.toolgate.cli.command;

import io.toolgate.cli.base.DatabaseOptions;
import io.toolgate.cli.base.Environment;
import io.toolgate.cli.base.OutputOptions;
import io.toolgate.cli.query.StoreReader;
import io.toolgate.migrations.ToolGateMigrations;
import io.toolgate.store.jdbc.StoreAccess;
import io.toolgate.support.CommandLines;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** The {@code validate} command. */
@Command(
        name = "validate",
        description = "Checks that the schema is installed, complete, and of the version that this program expects.",
        footer = {"", "Exit status: 0 it is, 1 it is not, 2 wrong usage. 'toolgate doctor' checks the data."},
        sortOptions = false)
public final class ValidateCommand implements Callable<Integer> {
    private final Environment environment;

    private static final Set<String> TABLES = Set.of(
            "tg_idempotency",
            "tg_store_info",
            "tg_idempotency_checkpoint",
            "tg_idempotency_history",
            "tg_idempotency_journal",
            "tg_idempotency_counts");

    @Mixin
    private final DatabaseOptions database;

    @Mixin
    private final OutputOptions output;

    /** The command, run in {@code environment}. */
    public ValidateCommand(Environment environment) {
        this.environment = environment;
        this.database = new DatabaseOptions(environment);
        this.output = new OutputOptions(environment);
    }

    @Override
    public Integer call() {
        StoreAccess access = database.access();
        List<String> faults = new ArrayList<>(DatabaseOptions.schemaVersion(access)
                .<List<String>>fold(
                        () -> List.of("no ToolGate tables found: create them with 'toolgate migrate'"),
                        current -> missing(access),
                        older -> List.of("the schema has version " + older.version() + ", expected "
                                + ToolGateMigrations.currentVersion() + ": upgrade it with 'toolgate migrate'"),
                        newer -> List.of("the schema has version " + newer.version() + ", expected "
                                + ToolGateMigrations.currentVersion() + ": use the toolgate.jar of that version")));
        Map<String, Object> object = new LinkedHashMap<>();
        object.put("valid", faults.isEmpty());
        object.put("faults", faults);
        output.print(object, out -> {
            if (faults.isEmpty()) {
                out.println("The schema is complete and current, version " + ToolGateMigrations.currentVersion() + ".");
            }
        });
        faults.forEach(fault -> environment.err().println("toolgate: " + fault));
        return faults.isEmpty() ? CommandLines.DONE : CommandLines.FAILED;
    }

    /** The tables that a current schema lacks. */
    static Set<String> missingTables(StoreReader reader) {
        Set<String> missing = new TreeSet<>(TABLES);
        missing.removeAll(reader.read(view ->
                view.rows("tables").stream().map(row -> row.text("name")).collect(Collectors.toSet())));
        return missing;
    }

    private static List<String> missing(StoreAccess access) {
        return missingTables(new StoreReader(access)).stream()
                .map(table -> "table " + table + " is missing although the schema version is current: restore it from a"
                        + " backup, or create it with its statements in 'toolgate print'")
                .toList();
    }
}
