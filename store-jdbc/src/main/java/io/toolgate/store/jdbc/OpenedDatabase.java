package io.toolgate.store.jdbc;

import com.zaxxer.hikari.HikariDataSource;
import java.util.List;
import javax.sql.DataSource;

/**
 * A database that passed the checks of the start.
 *
 * @param dialect which SQL it speaks
 * @param writer where transitions go
 * @param reader where reads go; may be the same
 * @param clock the store's time, where the database has none of its own
 * @param guard throws if this is not the database any more that was opened; asked before every claim
 * @param pools what to close in the end
 * @param anchor what to close after that
 */
record OpenedDatabase(
        Dialect dialect,
        DataSource writer,
        DataSource reader,
        StoreClock clock,
        Runnable guard,
        List<HikariDataSource> pools,
        AutoCloseable anchor) {}
