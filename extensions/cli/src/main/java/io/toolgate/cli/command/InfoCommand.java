package io.toolgate.cli.command;

import io.toolgate.cli.base.DatabaseOptions;
import io.toolgate.cli.base.Environment;
import io.toolgate.cli.base.OutputOptions;
import io.toolgate.cli.output.Table;
import io.toolgate.cli.query.Row;
import io.toolgate.cli.query.StoreReader;
import io.toolgate.migrations.SchemaVersion;
import io.toolgate.migrations.ToolGateMigrations;
import io.toolgate.store.jdbc.StoreAccess;
import io.toolgate.support.CommandLines;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** The {@code info} command. */
@Command(name = "info", description = "Shows which store this is, and the version of its schema.", sortOptions = false)
public final class InfoCommand implements Callable<Integer> {
    @Mixin
    private final DatabaseOptions database;

    @Mixin
    private final OutputOptions output;

    /** The command, run in {@code environment}. */
    public InfoCommand(Environment environment) {
        this.database = new DatabaseOptions(environment);
        this.output = new OutputOptions(environment);
    }

    @Override
    public Integer call() {
        StoreAccess access = database.access();
        SchemaVersion version = DatabaseOptions.schemaVersion(access);
        int installed = version.fold(
                () -> 0, SchemaVersion.Current::version, SchemaVersion.Older::version, SchemaVersion.Newer::version);
        Map<String, @Nullable Object> info = new LinkedHashMap<>();
        info.put("url", access.name());
        info.put("database", access.database().directory());
        info.put("schema_version", installed);
        info.put("current_version", ToolGateMigrations.currentVersion());
        if (installed > 0) {
            Row row = new StoreReader(access).read(view -> view.row("store_info", Map.of()));
            info.put("server_version", row.text("server"));
            info.put("schema", row.textOrNull("schema"));
            info.put("role", row.textOrNull("role"));
            info.put("store_id", row.text("store_id"));
            info.put("installed_at", row.time("created_at"));
            info.put("journal", DatabaseOptions.migrations(access, ToolGateMigrations::journalIsOn) ? "on" : "off");
        }
        String advice = advice(version);
        output.print(info, out -> {
            Table table = Table.ofPairs();
            info.forEach((name, value) -> {
                if (value != null) {
                    table.row(name.replace('_', ' '), value.toString());
                }
            });
            table.print(out);
            out.println(advice);
        });
        return CommandLines.DONE;
    }

    private static String advice(SchemaVersion version) {
        return version.fold(
                () -> "No ToolGate tables found: create them with 'toolgate migrate'.",
                current -> "The schema is current.",
                older -> "The schema is older than this program: upgrade it with 'toolgate migrate'.",
                newer -> "The schema is newer than this program: use the toolgate.jar of that version.");
    }
}
