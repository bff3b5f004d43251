package io.toolgate.bench.contender;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import io.toolgate.support.DatabaseLogin;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Properties;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * The database of one contender: an empty schema on PostgreSQL, or a SQLite file. Its text leaves the password out.
 *
 * @param kind of database
 * @param url for JDBC; on PostgreSQL its {@code currentSchema} is {@code schema}
 * @param user to log in as, or null if the URL or the driver knows
 * @param password of the user, or null if none is needed
 * @param schema of the contender, empty on SQLite
 * @param poolSize of hand-made pools, or 0 for {@link #usualPoolSize}
 */
public record BenchDatabase(
        DatabaseKind kind,
        String url,
        @Nullable String user,
        @Nullable String password,
        String schema,
        int poolSize) {
    /** Larger pools are not faster, and on few cores slower. */
    private static final int LARGEST_POOL = 64;

    private static final int LARGEST_SQLITE_POOL = 256;

    private static final Duration TIMEOUT = Duration.ofSeconds(60);

    /** The database of {@code login} on PostgreSQL, before contenders get schemas of their own. */
    public static BenchDatabase server(DatabaseLogin login, int poolSize) {
        return new BenchDatabase(DatabaseKind.POSTGRESQL, login.url(), login.user(), login.password(), "", poolSize);
    }

    /**
     * The best size of a hand-made pool: one connection per caller up to 64; on SQLite, whose callers queue for the
     * file's lock, up to 256.
     */
    public int usualPoolSize(int concurrency) {
        if (poolSize > 0) {
            return poolSize;
        }
        return Math.min(concurrency, kind == DatabaseKind.SQLITE ? LARGEST_SQLITE_POOL : LARGEST_POOL);
    }

    /**
     * A plain connection with autocommit on, and on SQLite with WAL, {@code synchronous=FULL} and a busy timeout of a
     * minute; close it.
     */
    public Connection connect() throws SQLException {
        return DriverManager.getConnection(url, properties());
    }

    /** A HikariCP pool of {@code size} such connections, all of them open already; close it. */
    public HikariDataSource pool(int size) {
        HikariConfig config = new HikariConfig();
        config.setJdbcUrl(url);
        config.setDataSourceProperties(properties());
        config.setMaximumPoolSize(size);
        config.setMinimumIdle(size);
        config.setConnectionTimeout(TIMEOUT.toMillis());
        HikariDataSource pool = new HikariDataSource(config);
        long began = System.nanoTime();
        while (pool.getHikariPoolMXBean().getTotalConnections() < size) {
            if (System.nanoTime() - began > TIMEOUT.toNanos()) {
                int open = pool.getHikariPoolMXBean().getTotalConnections();
                pool.close();
                throw new IllegalStateException("only " + open + " of " + size + " connections to " + url
                        + " open within " + TIMEOUT.toSeconds()
                        + " s: raise max_connections, or lower --concurrency or --pool-size");
            }
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(1));
        }
        return pool;
    }

    private Properties properties() {
        Properties properties = new Properties();
        if (user != null) {
            properties.setProperty("user", user);
        }
        if (password != null) {
            properties.setProperty("password", password);
        }
        if (kind == DatabaseKind.SQLITE) {
            properties.setProperty("journal_mode", "WAL");
            properties.setProperty("synchronous", "FULL");
            properties.setProperty("busy_timeout", String.valueOf(TIMEOUT.toMillis()));
        }
        return properties;
    }

    @Override
    public String toString() {
        return url + (user == null ? "" : " as " + user);
    }
}
