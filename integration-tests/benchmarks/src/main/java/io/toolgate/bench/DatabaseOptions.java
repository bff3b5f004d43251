package io.toolgate.bench;

import io.toolgate.bench.database.PlacesFinder;
import io.toolgate.bench.database.PlacesFinder.Named;
import java.io.Console;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Help.Visibility;
import picocli.CommandLine.Option;

/** The options that name a database; commands mix them in. */
final class DatabaseOptions {
    @Option(
            names = "--url",
            paramLabel = "JDBC",
            description =
                    "A scratch database: jdbc:postgresql:…, which is vacuumed and checkpointed again and again, or"
                            + " jdbc:sqlite:FILE, beside which fresh files are made. Without it, temporary SQLite files.")
    private @Nullable String url;

    @Option(names = "--user", paramLabel = "USER", description = "Whom to log in as.")
    private @Nullable String user;

    @Option(
            names = "--embedded-postgres",
            description = "Measures on a temporary PostgreSQL server of its own, with fsync on.",
            showDefaultValue = Visibility.NEVER)
    private boolean embeddedPostgres;

    @Option(
            names = "--directory",
            paramLabel = "DIR",
            description =
                    "Where the temporary database's files go, on a real disk; the directory for temporary files else.")
    private @Nullable Path directory;

    @Option(
            names = "--pool-size",
            paramLabel = "N",
            description = "Connections of hand-made pools, instead of one a caller up to 64 (SQLite 256).")
    private @Nullable Integer poolSize;

    /**
     * What was named.
     *
     * @throws UsageException if it cannot be a database
     */
    Named named() {
        if (poolSize != null && poolSize < 1) {
            throw new UsageException("--pool-size must be at least 1, and not " + poolSize);
        }
        Named named = new Named(url, user, null, embeddedPostgres, poolSize == null ? 0 : poolSize);
        named.check();
        return new Named(url, user, password(), embeddedPostgres, named.poolSize());
    }

    /** Where temporary files go. */
    Path directory() {
        return directory == null ? Path.of(System.getProperty("java.io.tmpdir")) : directory;
    }

    private @Nullable String password() {
        String given = System.getenv(PlacesFinder.PASSWORD);
        if (given != null || url == null || user == null) {
            return url == null ? null : given;
        }
        Console console = Progress.terminal();
        if (console == null) {
            return null;
        }
        char[] typed = console.readPassword("Password of %s (Enter for none): ", user);
        return typed == null || typed.length == 0 ? null : new String(typed);
    }
}
