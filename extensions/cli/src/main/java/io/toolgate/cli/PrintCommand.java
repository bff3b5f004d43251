package io.toolgate.cli;

import io.toolgate.migrations.Database;
import io.toolgate.migrations.MigrationScript;
import io.toolgate.migrations.ToolGateMigrations;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** The {@code print} command. */
@Command(
        name = "print",
        description =
                "Prints the SQL that 'toolgate migrate' would run, to review it or to run it by hand. Needs no database.",
        sortOptions = false)
final class PrintCommand extends CliCommand {
    @Parameters(paramLabel = "postgresql|sqlite", description = "For which database.")
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private String database;

    @Option(
            names = "--from",
            paramLabel = "N",
            defaultValue = "0",
            description = "Leaves out the scripts up to version N, which is installed already.")
    private int from;

    PrintCommand(Environment environment) {
        super(environment);
    }

    @Override
    public Integer call() {
        List<MigrationScript> scripts = ToolGateMigrations.sql(database()).stream()
                .filter(script -> script.version() > from)
                .toList();
        if (from < 0 || from > ToolGateMigrations.currentVersion()) {
            throw new RefusedException("--from must be 0 to " + ToolGateMigrations.currentVersion()
                    + ", the version of the newest script, not " + from);
        }
        List<Map<String, Object>> objects = new ArrayList<>();
        for (MigrationScript script : scripts) {
            Map<String, Object> object = new LinkedHashMap<>();
            object.put("version", script.version());
            object.put("file", script.fileName());
            object.put("sql", script.sql());
            objects.add(object);
        }
        print(Map.of("scripts", objects), out -> scripts.forEach(script -> out.print(script.sql())));
        return ToolGateMain.DONE;
    }

    private Database database() {
        for (Database known : Database.values()) {
            if (known.directory().equalsIgnoreCase(database)) {
                return known;
            }
        }
        throw new RefusedException("print for postgresql or for sqlite, not for '" + database + "'");
    }
}
