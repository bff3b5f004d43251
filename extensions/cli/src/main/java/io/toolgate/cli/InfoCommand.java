package io.toolgate.cli;

import io.toolgate.migrations.SchemaVersion;
import io.toolgate.migrations.ToolGateMigrations;
import io.toolgate.store.jdbc.StoreAccess;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;

/** The {@code info} command. */
@Command(
        name = "info",
        description = "Tells which store this is, and which version of the schema it has.",
        sortOptions = false)
final class InfoCommand extends StoreCommand {
    InfoCommand(Environment environment) {
        super(environment);
    }

    @Override
    public Integer call() {
        StoreAccess access = access();
        SchemaVersion version = schemaVersion(access);
        int installed = version.fold(
                () -> 0, SchemaVersion.Current::version, SchemaVersion.Older::version, SchemaVersion.Newer::version);
        Map<String, @Nullable Object> info = new LinkedHashMap<>();
        info.put("url", access.name());
        info.put("database", access.database().directory());
        info.put("schema_version", installed);
        info.put("current_version", ToolGateMigrations.currentVersion());
        if (installed > 0) {
            Row row = new Reader(access).look(view -> view.row("store_info", Map.of()));
            info.put("server_version", row.text("server"));
            info.put("schema", row.textOrNull("schema"));
            info.put("role", row.textOrNull("role"));
            info.put("store_id", row.text("store_id"));
            info.put("installed_at", row.time("created_at"));
        }
        if (installed > 1) {
            info.put("journal", ToolGateMigrations.journalIsOn(access.connections()) ? "on" : "off");
        }
        String advice = advice(version);
        print(info, out -> {
            Table table = Table.ofPairs();
            info.forEach((name, value) -> {
                if (value != null) {
                    table.row(name.replace('_', ' '), value.toString());
                }
            });
            table.print(out);
            out.println(advice);
        });
        return ToolGateMain.DONE;
    }

    private static String advice(SchemaVersion version) {
        return version.fold(
                () -> "There are no tables of ToolGate's; 'toolgate migrate' creates them.",
                current -> "The schema is current.",
                older -> "The schema is older than this program; 'toolgate migrate' upgrades it.",
                newer -> "The schema is newer than this program; use the program that belongs to it.");
    }
}
