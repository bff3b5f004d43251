package io.toolgate.bench.database;

import io.toolgate.bench.UsageException;
import io.toolgate.bench.contender.BenchDatabase;
import io.toolgate.bench.contender.DatabaseKind;
import java.io.IOException;
import java.nio.file.Path;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Finds the places that a user names. */
public final class PlacesFinder {
    /** The environment variable that may hold the password. */
    public static final String PASSWORD = "TOOLGATE_PASSWORD";

    private static final String POSTGRESQL = "jdbc:postgresql:";
    private static final String SQLITE = "jdbc:sqlite:";
    private static final Pattern SECRET =
            Pattern.compile("[?&;][^=&;]*(pass|pwd|secret|token)[^=&;]*=", Pattern.CASE_INSENSITIVE);

    private PlacesFinder() {}

    /**
     * What the user named.
     *
     * @param url or null for a database of the run's own
     * @param user or null
     * @param password or null
     * @param embeddedPostgres whether the run's own is a server, and not a SQLite file
     * @param poolSize of hand-made pools, or 0
     */
    public record Named(
            @Nullable String url,
            @Nullable String user,
            @Nullable String password,
            boolean embeddedPostgres,
            int poolSize) {
        /** The kind of database that it is. */
        public DatabaseKind kind() {
            boolean postgresql = embeddedPostgres || (url != null && url.startsWith(POSTGRESQL));
            return postgresql ? DatabaseKind.POSTGRESQL : DatabaseKind.SQLITE;
        }

        /**
         * Checks it without looking at the database.
         *
         * @throws UsageException if it cannot be one
         */
        public void check() {
            if (url == null) {
                if (user != null) {
                    throw new UsageException("--user needs --url; without it a temporary database is used");
                }
                return;
            }
            if (embeddedPostgres) {
                throw new UsageException("--url and --embedded-postgres name two databases: leave one of them out");
            }
            if (SECRET.matcher(url).find()) {
                throw new UsageException(
                        "--url must not hold the password, which every user of this machine could read:"
                                + " put it into the environment variable " + PASSWORD);
            }
            if (!url.startsWith(POSTGRESQL) && !url.startsWith(SQLITE)) {
                throw new UsageException("--url " + url + " is not jdbc:postgresql:… or jdbc:sqlite:FILE");
            }
            if (url.contains("currentSchema")) {
                throw new UsageException("--url must not name a currentSchema: each contender is given its own");
            }
            if (url.startsWith(SQLITE)
                    && (url.length() == SQLITE.length() || url.contains("?") || url.contains(":memory:"))) {
                throw new UsageException("--url " + url + " names no file: jdbc:sqlite:FILE, without parameters");
            }
        }
    }

    /**
     * The places there; close them.
     *
     * @param main that starts children of this program
     * @param run a directory for files of the run's own
     * @throws UsageException if there are none
     */
    public static Places find(Named named, Class<?> main, Path run) throws IOException, InterruptedException {
        named.check();
        String url = named.url();
        if (url == null) {
            return named.embeddedPostgres()
                    ? EmbeddedPlaces.start(main, run, named.poolSize())
                    : SqlitePlaces.beside(run.resolve("sqlite"), named.poolSize());
        }
        if (url.startsWith(SQLITE)) {
            return SqlitePlaces.beside(Path.of(url.substring(SQLITE.length())), named.poolSize());
        }
        return PostgresPlaces.connect(
                new BenchDatabase(DatabaseKind.POSTGRESQL, url, named.user(), named.password(), "", named.poolSize()));
    }
}
