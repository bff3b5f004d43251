package io.toolgate.store.jdbc.internal.open;

import javax.sql.DataSource;

/** A pool that the store has made, for code that also runs where HikariCP, an optional dependency, is absent. */
public interface ConnectionPool {
    /** The connections to lend. */
    DataSource connections();

    /** The number of connections that are lent. */
    int active();

    /** Closes the pool and its connections. */
    void close();
}
