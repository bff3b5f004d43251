package io.toolgate.race.database;

import io.toolgate.race.UsageException;
import io.toolgate.store.IdempotencyStore;
import io.toolgate.store.jdbc.JdbcIdempotencyStore;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.Properties;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * How a database is reached. Its text leaves the password out.
 *
 * @param url for JDBC
 * @param user to log in as, or null if the URL or the driver knows
 * @param password of the user, or null if none is needed
 */
public record Database(
        String url, @Nullable String user, @Nullable String password) {
    private static final String POSTGRESQL = "jdbc:postgresql:";
    private static final String SQLITE = "jdbc:sqlite:";
    private static final Pattern SECRET =
            Pattern.compile("[?&;][^=&;]*(pass|pwd|secret|token)[^=&;]*=", Pattern.CASE_INSENSITIVE);

    /**
     * Takes any URL that does not hold a secret; the store says what is wrong with it otherwise.
     *
     * @throws UsageException if it does
     */
    public Database {
        if (SECRET.matcher(url).find()) {
            throw new UsageException(
                    "--url must not hold the password, which every user of this machine could read: put"
                            + " it into the environment variable " + Passwords.VARIABLE);
        }
    }

    /** The SQLite database in {@code file}. */
    public static Database sqlite(Path file) {
        return new Database(SQLITE + file, null, null);
    }

    boolean isPostgresql() {
        return url.startsWith(POSTGRESQL);
    }

    boolean isSqlite() {
        return url.startsWith(SQLITE);
    }

    /**
     * A store on it; close it.
     *
     * @param connections how many it may have
     */
    public IdempotencyStore open(int connections) {
        return store().poolSize(connections).migrate(false).open();
    }

    /**
     * A store on it; close it.
     *
     * @param connections how many it may have
     * @param sharesCommits whether its callers share commits
     */
    public IdempotencyStore open(int connections, boolean sharesCommits) {
        return store().poolSize(connections)
                .migrate(false)
                .groupCommit(sharesCommits)
                .open();
    }

    /** How to open a store on it. */
    JdbcIdempotencyStore.Builder store() {
        JdbcIdempotencyStore.Builder builder = JdbcIdempotencyStore.builder(url);
        if (user != null) {
            builder.user(user);
        }
        if (password != null) {
            builder.password(password);
        }
        return builder;
    }

    /** A plain connection; close it. */
    Connection connect() throws SQLException {
        Properties login = new Properties();
        if (user != null) {
            login.setProperty("user", user);
        }
        if (password != null) {
            login.setProperty("password", password);
        }
        return DriverManager.getConnection(url, login);
    }

    @Override
    public String toString() {
        return url + (user == null ? "" : " as " + user);
    }
}
