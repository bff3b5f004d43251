package io.toolgate.store.jdbc.internal.open;

import com.zaxxer.hikari.HikariDataSource;
import com.zaxxer.hikari.SQLExceptionOverride;
import io.toolgate.store.StoreException;
import java.util.stream.Stream;

/** A library that only some stores need, so that the application brings it. */
public enum OptionalLibrary {
    SQLITE_DRIVER("org.sqlite.JDBC", "the driver of SQLite", "org.xerial:sqlite-jdbc", ""),
    POSTGRESQL_DRIVER("org.postgresql.Driver", "the driver of PostgreSQL", "org.postgresql:postgresql", ""),
    POOL(
            "com.zaxxer.hikari.HikariDataSource",
            "HikariCP, the pool of a store that is opened by its URL",
            "com.zaxxer:HikariCP",
            "; on PostgreSQL you can also open the store on a DataSource of your own, with builder(dataSource)");

    private static final String OLDEST_POOL = "6.2.0";

    private final String type;
    private final String description;
    private final String artifact;
    private final String alternative;

    OptionalLibrary(String type, String description, String artifact, String alternative) {
        this.type = type;
        this.description = description;
        this.artifact = artifact;
        this.alternative = alternative;
    }

    /**
     * Refuses to go on without this library.
     *
     * @param opened what is being opened, for the message
     */
    public void require(String opened) {
        try {
            Class<?> unused = Class.forName(type, false, OptionalLibrary.class.getClassLoader());
        } catch (ClassNotFoundException e) {
            throw new StoreException.Misconfigured(
                    opened + " cannot be opened: " + description + ", is not there. Add " + artifact
                            + " to the dependencies, and on the module path its module to those that are resolved"
                            + alternative + ". Nothing was written",
                    e);
        }
    }

    /**
     * Refuses a pool that cannot drop the connections that a failover leaves on a standby, which would only show then.
     * Frameworks manage such versions.
     *
     * @param opened what is being opened, for the message
     */
    static void requirePoolForFailovers(String opened) {
        Class<?> pool = HikariDataSource.class;
        if (!canEvict()) {
            String jar = String.valueOf(pool.getResource(pool.getSimpleName() + ".class"))
                    .replaceAll(".*HikariCP-([0-9][^/!]*)\\.jar.*", "HikariCP $1");
            throw new StoreException.Misconfigured(opened + " cannot be opened: " + jar + " is too old. Use "
                    + POOL.artifact + " " + OLDEST_POOL + " or newer" + POOL.alternative + ". Nothing was written");
        }
    }

    private static boolean canEvict() {
        try {
            return Stream.of(SQLExceptionOverride.Override.values())
                    .anyMatch(each -> each.name().equals("MUST_EVICT"));
        } catch (LinkageError e) {
            // Older still: it does not have the type.
            return false;
        }
    }
}
