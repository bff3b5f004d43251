package io.toolgate.cli.command;

import io.toolgate.cli.base.DatabaseOptions;
import io.toolgate.cli.base.Environment;
import io.toolgate.cli.base.OutputOptions;
import io.toolgate.cli.output.Progress;
import io.toolgate.migrations.Database;
import io.toolgate.migrations.MigrationResult;
import io.toolgate.migrations.MigrationResult.Action;
import io.toolgate.migrations.SchemaVersion;
import io.toolgate.migrations.ToolGateMigrations;
import io.toolgate.store.StoreException;
import io.toolgate.store.jdbc.JdbcIdempotencyStore;
import io.toolgate.store.jdbc.StoreAccess;
import io.toolgate.support.CommandLines;
import io.toolgate.support.UsageException;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** The {@code migrate} command. */
@Command(
        name = "migrate",
        description =
                "Creates the tables or upgrades them, and creates a SQLite file if there is none. Does nothing if the"
                        + " schema is current.",
        footer = {
            "",
            "PostgreSQL: needs a role that may create tables, and a connection without a transaction-pooling proxy."
        },
        sortOptions = false)
public final class MigrateCommand implements Callable<Integer> {
    private final Environment environment;

    @Mixin
    private final DatabaseOptions database;

    @Mixin
    private final OutputOptions output;

    /** The command, run in {@code environment}. */
    public MigrateCommand(Environment environment) {
        this.environment = environment;
        this.database = new DatabaseOptions(environment);
        this.output = new OutputOptions(environment);
    }

    @Override
    public Integer call() {
        MigrationResult result;
        try (Progress progress = environment.progress("migrating")) {
            result = database.login().usesSqlite()
                    ? migrateFile()
                    : DatabaseOptions.migrations(database.access(), ToolGateMigrations::migrate);
        }
        Map<String, Object> object = new LinkedHashMap<>();
        object.put("action", result.action().name().toLowerCase(Locale.ROOT));
        object.put("from_version", result.fromVersion());
        object.put("to_version", result.toVersion());
        output.print(object, out -> out.println(sentence(result)));
        return CommandLines.DONE;
    }

    /** Has the store create a SQLite file, because it also writes the file beside it that identifies the store. */
    private MigrationResult migrateFile() {
        int before = version();
        JdbcIdempotencyStore.builder(database.login().url())
                .migrate(true)
                .open()
                .close();
        int after = version();
        Action action = before == 0 ? Action.INSTALLED : before < after ? Action.UPGRADED : Action.UNCHANGED;
        return new MigrationResult(Database.SQLITE, action, before, after);
    }

    private int version() {
        StoreAccess access;
        try {
            access = database.access();
        } catch (UsageException e) {
            // There is no file yet; anything else wrong with the URL is reported when the store is opened.
            if (e.getCause() instanceof StoreException.Misconfigured) {
                return 0;
            }
            throw e;
        }
        SchemaVersion version = DatabaseOptions.schemaVersion(access);
        return version.fold(
                () -> 0, SchemaVersion.Current::version, SchemaVersion.Older::version, SchemaVersion.Newer::version);
    }

    private static String sentence(MigrationResult result) {
        return switch (result.action()) {
            case INSTALLED -> "The tables were created, schema version " + result.toVersion() + ".";
            case UPGRADED ->
                "The schema was upgraded from version " + result.fromVersion() + " to version " + result.toVersion()
                        + ".";
            case UNCHANGED -> "The schema is current, version " + result.toVersion() + "; there was nothing to do.";
        };
    }
}
