package io.toolgate.support;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.Properties;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The address of a database and the login to it. Its text leaves the password out.
 *
 * @param url for JDBC
 * @param user to log in as, or null if the URL or the driver knows
 * @param password of the user, or null if none is needed
 */
public record DatabaseLogin(
        String url, @Nullable String user, @Nullable String password) {
    private static final String POSTGRESQL = "jdbc:postgresql:";
    private static final String SQLITE = "jdbc:sqlite:";
    private static final Pattern SECRET =
            Pattern.compile("[?&;][^=&;]*(pass|pwd|secret|token)[^=&;]*=", Pattern.CASE_INSENSITIVE);

    /**
     * Accepts any URL that does not hold a secret; the store says what else is wrong with it.
     *
     * @throws UsageException if it does
     */
    public DatabaseLogin {
        if (SECRET.matcher(url).find()) {
            throw new UsageException(
                    "--url must not contain a password, because other users of this machine can see it: set the"
                            + " environment variable " + Passwords.VARIABLE + " instead");
        }
    }

    /** The SQLite database in {@code file}. */
    public static DatabaseLogin sqlite(Path file) {
        return new DatabaseLogin(SQLITE + file, null, null);
    }

    /** The same login with {@code password}. */
    public DatabaseLogin withPassword(@Nullable String password) {
        return new DatabaseLogin(url, user, password);
    }

    /** Whether the database is PostgreSQL. */
    public boolean usesPostgresql() {
        return url.startsWith(POSTGRESQL);
    }

    /** Whether the database is SQLite. */
    public boolean usesSqlite() {
        return url.startsWith(SQLITE);
    }

    /** A new connection of the driver's; close it. */
    public Connection connect() throws SQLException {
        return DriverManager.getConnection(url, properties());
    }

    /** User and password, as drivers expect them. */
    public Properties properties() {
        Properties properties = new Properties();
        if (user != null) {
            properties.setProperty("user", user);
        }
        if (password != null) {
            properties.setProperty("password", password);
        }
        return properties;
    }

    @Override
    public String toString() {
        return url + (user == null ? "" : " as " + user);
    }
}
