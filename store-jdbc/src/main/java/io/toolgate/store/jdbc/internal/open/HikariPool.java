package io.toolgate.store.jdbc.internal.open;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import com.zaxxer.hikari.SQLExceptionOverride;
import io.toolgate.store.jdbc.internal.error.SqlErrorKind;
import java.sql.SQLException;
import java.time.Duration;
import javax.sql.DataSource;

/** A pool of HikariCP's, with the settings of either database. */
final class HikariPool implements ConnectionPool {
    private static final Duration BORROW_TIMEOUT = Duration.ofSeconds(3);

    private final HikariDataSource pool;

    private HikariPool(HikariDataSource pool) {
        this.pool = pool;
    }

    /** A pool of at most {@code size} connections to PostgreSQL. */
    static HikariPool ofPostgresql(DataSource driver, int size, boolean readCommitted) {
        HikariConfig config = new HikariConfig();
        config.setPoolName("toolgate");
        config.setDataSource(driver);
        config.setMaximumPoolSize(size);
        config.setAutoCommit(true);
        config.setConnectionTimeout(BORROW_TIMEOUT.toMillis());
        config.setValidationTimeout(Duration.ofSeconds(1).toMillis());
        // The checks have just connected; if the pool cannot, that is an outage like any later one.
        config.setInitializationFailTimeout(-1);
        // A connection that survives a failover is on a standby. It is dropped, and the next finds the new primary.
        config.setExceptionOverride(new SQLExceptionOverride() {
            @java.lang.Override
            public Override adjudicate(SQLException e) {
                return SqlErrorKind.READ_ONLY_SQL_TRANSACTION.equals(e.getSQLState())
                        ? Override.MUST_EVICT
                        : Override.CONTINUE_EVICT;
            }
        });
        if (readCommitted) {
            config.setTransactionIsolation("TRANSACTION_READ_COMMITTED");
        }
        return new HikariPool(new HikariDataSource(config));
    }

    /**
     * A pool of exactly {@code size} connections to a SQLite file, which are never replaced: new ones would lead to
     * whatever file is at the path by then.
     */
    static HikariPool ofSqlite(String name, DataSource file, int size, Duration patience, String initSql) {
        HikariConfig config = new HikariConfig();
        config.setPoolName(name);
        config.setDataSource(file);
        config.setMaximumPoolSize(size);
        config.setAutoCommit(true);
        config.setConnectionTimeout(Math.max(250, patience.toMillis()));
        config.setInitializationFailTimeout(-1);
        config.setMaxLifetime(0);
        config.setIdleTimeout(0);
        config.setConnectionInitSql(initSql);
        return new HikariPool(new HikariDataSource(config));
    }

    @java.lang.Override
    public DataSource connections() {
        return pool;
    }

    @java.lang.Override
    public int active() {
        return pool.getHikariPoolMXBean().getActiveConnections();
    }

    @java.lang.Override
    public void close() {
        pool.close();
    }
}
