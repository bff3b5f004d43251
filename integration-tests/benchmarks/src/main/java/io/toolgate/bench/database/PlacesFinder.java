package io.toolgate.bench.database;

import io.toolgate.bench.contender.BenchDatabase;
import io.toolgate.bench.contender.DatabaseKind;
import io.toolgate.support.DatabaseLogin;
import io.toolgate.support.UsageException;
import java.io.IOException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** Opens the database that a user names. */
public final class PlacesFinder {
    private static final String SQLITE = "jdbc:sqlite:";

    private PlacesFinder() {}

    /**
     * The database that a user names.
     *
     * @param login or null for a temporary database
     * @param embeddedPostgres whether the temporary one is a PostgreSQL server, and not a SQLite file
     * @param poolSize of hand-made pools, or 0 for their usual size
     */
    public record Named(@Nullable DatabaseLogin login, boolean embeddedPostgres, int poolSize) {
        /** The kind of database. */
        public DatabaseKind kind() {
            return embeddedPostgres || (login != null && login.usesPostgresql())
                    ? DatabaseKind.POSTGRESQL
                    : DatabaseKind.SQLITE;
        }

        /**
         * Checks the options without connecting.
         *
         * @throws UsageException if benchmarks cannot run there
         */
        public void check() {
            if (login == null) {
                return;
            }
            String url = login.url();
            if (embeddedPostgres) {
                throw new UsageException("--url and --embedded-postgres name two databases: leave one of them out");
            }
            if (!login.usesPostgresql() && !login.usesSqlite()) {
                throw new UsageException("--url " + url + " is not jdbc:postgresql:… or jdbc:sqlite:FILE");
            }
            if (url.contains("currentSchema")) {
                throw new UsageException("--url must not name a currentSchema: each contender is given its own");
            }
            if (login.usesSqlite()
                    && (url.length() == SQLITE.length() || url.contains("?") || url.contains(":memory:"))) {
                throw new UsageException("--url " + url + " names no file: jdbc:sqlite:FILE, without parameters");
            }
        }
    }

    /**
     * Opens it; close it.
     *
     * @param main the class that starts child processes of this program
     * @param run the directory for the run's own files
     * @throws UsageException if it cannot be used
     */
    public static Places find(Named named, Class<?> main, Path run) throws IOException, InterruptedException {
        named.check();
        DatabaseLogin login = named.login();
        if (login == null) {
            return named.embeddedPostgres()
                    ? EmbeddedPlaces.start(main, run, named.poolSize())
                    : SqlitePlaces.beside(run.resolve("sqlite"), named.poolSize());
        }
        if (login.usesSqlite()) {
            return SqlitePlaces.beside(Path.of(login.url().substring(SQLITE.length())), named.poolSize());
        }
        return PostgresPlaces.connect(BenchDatabase.server(login, named.poolSize()));
    }
}
