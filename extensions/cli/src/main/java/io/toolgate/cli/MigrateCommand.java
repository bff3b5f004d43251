package io.toolgate.cli;

import io.toolgate.migrations.MigrationResult;
import io.toolgate.migrations.MigrationResult.Action;
import io.toolgate.migrations.SchemaVersion;
import io.toolgate.migrations.ToolGateMigrations;
import io.toolgate.store.StoreException;
import io.toolgate.store.jdbc.JdbcIdempotencyStore;
import io.toolgate.store.jdbc.StoreAccess;
import java.util.LinkedHashMap;
import java.util.Map;
import picocli.CommandLine.Command;

/** The {@code migrate} command. */
@Command(
        name = "migrate",
        description =
                "Creates the tables, or upgrades them; a SQLite file is created too. Does nothing where they are current.",
        footer = {"", "On PostgreSQL it needs a role that may create tables, and no transaction-pooling proxy."},
        sortOptions = false)
final class MigrateCommand extends StoreCommand {
    private static final String SQLITE = "jdbc:sqlite:";

    MigrateCommand(Environment environment) {
        super(environment);
    }

    @Override
    public Integer call() {
        MigrationResult result;
        try (Progress progress = Progress.of(environment(), "migrating")) {
            result = target().url().startsWith(SQLITE)
                    ? migrateFile()
                    : ToolGateMigrations.migrate(access().connections());
        }
        Map<String, Object> object = new LinkedHashMap<>();
        object.put("action", result.action().name().toLowerCase(java.util.Locale.ROOT));
        object.put("from_version", result.fromVersion());
        object.put("to_version", result.toVersion());
        print(object, out -> out.println(sentence(result)));
        return ToolGateMain.DONE;
    }

    /** A SQLite store is made by the store itself, which also writes down beside it which store belongs there. */
    private MigrationResult migrateFile() {
        int before = version();
        JdbcIdempotencyStore.builder(target().url()).migrate(true).open().close();
        int after = version();
        Action action = before == 0 ? Action.INSTALLED : before < after ? Action.UPGRADED : Action.UNCHANGED;
        return new MigrationResult(io.toolgate.migrations.Database.SQLITE, action, before, after);
    }

    private int version() {
        StoreAccess access;
        try {
            access = access();
        } catch (RefusedException e) {
            // There is no file yet; whatever else is wrong with the URL, the store says when it is opened.
            if (e.getCause() instanceof StoreException.Misconfigured) {
                return 0;
            }
            throw e;
        }
        SchemaVersion version = schemaVersion(access);
        return version.fold(
                () -> 0, SchemaVersion.Current::version, SchemaVersion.Older::version, SchemaVersion.Newer::version);
    }

    private static String sentence(MigrationResult result) {
        return switch (result.action()) {
            case INSTALLED -> "The tables were created, version " + result.toVersion() + ".";
            case ADOPTED ->
                "The tables were there, version " + result.toVersion() + "; their history is written down now.";
            case UPGRADED ->
                "The tables were upgraded from version " + result.fromVersion() + " to version " + result.toVersion()
                        + ".";
            case UNCHANGED -> "The tables have version " + result.toVersion() + "; there was nothing to do.";
        };
    }
}
