package io.toolgate.bench.command;

import io.toolgate.bench.database.PlacesFinder.Named;
import io.toolgate.support.DatabaseLogin;
import io.toolgate.support.DatabaseOptions;
import io.toolgate.support.Passwords;
import io.toolgate.support.Terminal;
import io.toolgate.support.UsageException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Help.Visibility;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** The options that name the database to measure on; commands mix them in. */
final class PlaceOptions {
    /** For the end of each command's help. */
    static final String HELP =
            "A database named with --url must be a scratch one: PostgreSQL is vacuumed and checkpointed again and"
                    + " again; for SQLite, new files are made beside FILE. Without --url, temporary SQLite files are"
                    + " used.";

    @Mixin
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private DatabaseOptions databases;

    @Option(
            names = "--embedded-postgres",
            description = "Measures on a temporary PostgreSQL server of its own, with fsync on.",
            showDefaultValue = Visibility.NEVER)
    private boolean embeddedPostgres;

    @Option(
            names = "--directory",
            paramLabel = "DIR",
            description =
                    "The directory for the temporary database, on a real disk. Default: the one for temporary files.")
    private @Nullable Path directory;

    @Option(
            names = "--pool-size",
            paramLabel = "N",
            description = "Connections of hand-made pools. Default: one per caller, up to 64 (SQLite 256).")
    private @Nullable Integer poolSize;

    /**
     * The database that was named.
     *
     * @throws UsageException if the options contradict each other, or no benchmark can run there
     */
    Named named() {
        if (poolSize != null && poolSize < 1) {
            throw new UsageException("--pool-size must be at least 1, and not " + poolSize);
        }
        DatabaseLogin login = databases.login("a temporary database");
        Named named = new Named(login, embeddedPostgres, poolSize == null ? 0 : poolSize);
        named.check();
        if (login == null) {
            return named;
        }
        String password = Passwords.find(login, Passwords.VARIABLE, System.getenv(), Terminal.ofThisProcess());
        return new Named(login.withPassword(password), embeddedPostgres, named.poolSize());
    }

    /** The directory for temporary files. */
    Path directory() {
        return directory == null ? Path.of(System.getProperty("java.io.tmpdir")) : directory;
    }
}
