package io.toolgate.race;

import io.toolgate.race.database.Database;
import io.toolgate.race.database.Passwords;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Help.Visibility;
import picocli.CommandLine.Option;

/** The options that name a database; commands mix them in. */
public final class DatabaseOptions {
    @Option(names = "--url", paramLabel = "JDBC", description = "The database: jdbc:postgresql:… or jdbc:sqlite:FILE.")
    private @Nullable String url;

    @Option(names = "--user", paramLabel = "USER", description = "Whom to log in as.")
    private @Nullable String user;

    @Option(
            names = "--migrate",
            description = "Installs or upgrades the schema first.",
            showDefaultValue = Visibility.NEVER)
    private boolean migrate;

    /** Made by the command line. */
    public DatabaseOptions() {}

    /**
     * The database that was named, with its password, or null if none was.
     *
     * @throws UsageException if it cannot be one
     */
    public @Nullable Database database() {
        if (url == null) {
            if (user != null) {
                throw new UsageException("--user needs --url; without it a temporary database is used");
            }
            return null;
        }
        return new Database(url, user, Passwords.find(new Database(url, user, null)));
    }

    /** Whether the schema is to be installed first. */
    public boolean migrates() {
        return migrate;
    }
}
