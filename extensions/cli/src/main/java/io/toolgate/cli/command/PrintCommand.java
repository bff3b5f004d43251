package io.toolgate.cli.command;

import io.toolgate.cli.base.Environment;
import io.toolgate.cli.base.OutputOptions;
import io.toolgate.migrations.Database;
import io.toolgate.migrations.MigrationScript;
import io.toolgate.migrations.ToolGateMigrations;
import io.toolgate.support.CommandLines;
import io.toolgate.support.UsageException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** The {@code print} command. */
@Command(
        name = "print",
        description =
                "Prints the SQL that 'toolgate migrate' would run, for review or to run by hand. Needs no database.",
        sortOptions = false)
public final class PrintCommand implements Callable<Integer> {
    @Parameters(paramLabel = "postgresql|sqlite", description = "The database that the SQL is for.")
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private String database;

    @Option(
            names = "--from",
            paramLabel = "N",
            defaultValue = "0",
            description = "Leaves out the scripts up to version N, the version that is installed. Default: 0.")
    private int from;

    @Mixin
    private final OutputOptions output;

    /** The command, run in {@code environment}. */
    public PrintCommand(Environment environment) {
        this.output = new OutputOptions(environment);
    }

    @Override
    public Integer call() {
        List<MigrationScript> scripts = ToolGateMigrations.sql(database()).stream()
                .filter(script -> script.version() > from)
                .toList();
        if (from < 0 || from > ToolGateMigrations.currentVersion()) {
            throw new UsageException(
                    "--from must be 0 to " + ToolGateMigrations.currentVersion() + " (the newest script), not " + from);
        }
        List<Map<String, Object>> objects = new ArrayList<>();
        for (MigrationScript script : scripts) {
            Map<String, Object> object = new LinkedHashMap<>();
            object.put("version", script.version());
            object.put("file", script.fileName());
            object.put("sql", script.sql());
            objects.add(object);
        }
        output.print(Map.of("scripts", objects), out -> scripts.forEach(script -> out.print(script.sql())));
        return CommandLines.DONE;
    }

    private Database database() {
        for (Database known : Database.values()) {
            if (known.directory().equalsIgnoreCase(database)) {
                return known;
            }
        }
        throw new UsageException("the database must be postgresql or sqlite, not '" + database + "'");
    }
}
