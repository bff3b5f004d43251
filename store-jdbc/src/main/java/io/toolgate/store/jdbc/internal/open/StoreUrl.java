package io.toolgate.store.jdbc.internal.open;

import io.toolgate.store.StoreException;
import io.toolgate.store.jdbc.internal.sql.Dialect;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Properties;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.postgresql.Driver;

/**
 * The validated URL of a store, on a supported database. Any other URL is refused before anything is opened, with the
 * part that is wrong and with what to write instead.
 *
 * @param dialect the database
 * @param text the URL as given, password included: never into a message
 * @param file the file, for SQLite
 */
public record StoreUrl(
        Dialect dialect, String text, @Nullable Path file) {
    private static final String POSTGRESQL = "jdbc:postgresql:";
    private static final String SQLITE = "jdbc:sqlite:";
    private static final String EXAMPLES =
            "Write jdbc:postgresql://host:5432/database, or jdbc:sqlite:/path/to/store.db";

    // A parameter whose name suggests a secret, and the user part that URLs of other drivers have.
    private static final Pattern SECRET_PARAMETER =
            Pattern.compile("([?&;][^=&;]*(?:pass|pwd|secret|token)[^=&;]*=)[^&;]*", Pattern.CASE_INSENSITIVE);
    private static final Pattern USER_INFO = Pattern.compile("//[^/@?]*@");

    /** Parses a URL. */
    public static StoreUrl parse(@Nullable String url) {
        if (url == null || url.isBlank()) {
            throw refused("The URL of the store is empty", "");
        }
        String text = url.strip();
        String lower = text.toLowerCase(Locale.ROOT);
        if (text.startsWith(POSTGRESQL)) {
            return postgresql(text);
        }
        if (text.startsWith(SQLITE)) {
            return sqlite(text);
        }
        if (lower.startsWith("postgres://") || lower.startsWith("postgresql://") || lower.startsWith("sqlite:")) {
            throw refused("\"" + redact(text) + "\" lacks \"jdbc:\" in front, and user and password go separately", "");
        }
        if (lower.startsWith("jdbc:postgres:") || lower.startsWith("jdbc:pgsql:") || lower.startsWith(POSTGRESQL)) {
            throw refused("\"" + scheme(text) + "\" is not how the driver spells it; it is \"" + POSTGRESQL + "\"", "");
        }
        if (lower.startsWith("jdbc:sqlite3:") || lower.startsWith(SQLITE)) {
            throw refused("\"" + scheme(text) + "\" is not how the driver spells it; it is \"" + SQLITE + "\"", "");
        }
        if (lower.startsWith("jdbc:")) {
            throw refused("\"" + scheme(text) + "\" names a database that ToolGate does not support", "");
        }
        throw refused("\"" + redact(text) + "\" is not a JDBC URL", "");
    }

    /** The URL without its secrets. */
    public String redacted() {
        return redact(text);
    }

    static String redact(String url) {
        return USER_INFO
                .matcher(SECRET_PARAMETER.matcher(url).replaceAll("$1***"))
                .replaceAll("//***@");
    }

    private static StoreUrl postgresql(String text) {
        if (text.indexOf('@') > 0 && text.indexOf('@') < endOfAuthority(text)) {
            throw refused(
                    "\"" + redact(text) + "\" has a user in front of the host, which the driver does not read",
                    USER_HINT);
        }
        OptionalLibrary.POSTGRESQL_DRIVER.require(redact(text));
        Properties parsed = Driver.parseURL(text, new Properties());
        String database = parsed == null ? null : parsed.getProperty("PGDBNAME");
        if (parsed == null) {
            throw refused("\"" + redact(text) + "\" is a URL that the PostgreSQL driver cannot read", "");
        }
        if (database == null || database.isEmpty()) {
            throw refused("\"" + redact(text) + "\" names no database", "");
        }
        return new StoreUrl(Dialect.POSTGRESQL, text, null);
    }

    private static final String USER_HINT = ". Pass user and password to open(url, user, password)";

    private static int endOfAuthority(String text) {
        int slash = text.indexOf('/', POSTGRESQL.length() + 2);
        return slash < 0 ? text.length() : slash;
    }

    private static StoreUrl sqlite(String text) {
        String path = text.substring(SQLITE.length());
        String lower = path.toLowerCase(Locale.ROOT);
        if (path.isBlank()) {
            throw refused("\"" + text + "\" names no file, so SQLite would use a temporary one", "");
        }
        if (lower.startsWith(":memory:") || lower.contains("mode=memory")) {
            throw refused(
                    "\"" + text + "\" is a database in memory, which forgets what ran when the process ends",
                    ", or use the in-memory store of toolgate-store-memory for tests");
        }
        if (lower.startsWith(":resource:") || lower.startsWith("file:") || path.contains("?")) {
            throw refused(
                    "\"" + redact(text) + "\" is more than a path: the store sets SQLite's options itself",
                    " without \"file:\" and without parameters");
        }
        try {
            return new StoreUrl(
                    Dialect.SQLITE, text, Path.of(path).toAbsolutePath().normalize());
        } catch (InvalidPathException e) {
            throw refused("\"" + text + "\" holds a path that this system does not allow: " + e.getReason(), "");
        }
    }

    private static String scheme(String text) {
        int end = text.indexOf(':', text.indexOf(':') + 1);
        return end < 0 ? "jdbc:" : text.substring(0, end + 1);
    }

    private static StoreException.Misconfigured refused(String what, String addition) {
        return new StoreException.Misconfigured(what + ". " + EXAMPLES + addition);
    }
}
