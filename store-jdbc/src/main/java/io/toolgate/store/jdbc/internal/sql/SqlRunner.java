package io.toolgate.store.jdbc.internal.sql;

import com.google.errorprone.annotations.CanIgnoreReturnValue;
import io.toolgate.store.StoreException;
import io.toolgate.store.jdbc.internal.error.SafeSqlException;
import io.toolgate.store.jdbc.internal.error.SqlErrorKind;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.SQLWarning;
import java.sql.Statement;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import javax.sql.DataSource;
import org.jdbi.v3.core.ConnectionException;
import org.jdbi.v3.core.Jdbi;
import org.jdbi.v3.core.statement.SqlStatements;
import org.jdbi.v3.core.statement.StatementExceptions;
import org.jdbi.v3.core.statement.TemplateEngine;
import org.jspecify.annotations.Nullable;

/**
 * Executes the statements of one dialect, each on a connection of its own that is returned at once, and each in its own
 * transaction, except those that {@link #transaction} groups.
 *
 * <p>Bypasses Jdbi on purpose. Every call of a gate sends several of these statements, and there Jdbi's fluent API
 * costs a share of the rate that one can measure. Opening bypasses it too, so that a process that only opens a store
 * does not load it. Jdbi serves everywhere else ({@link #jdbi}): bodies of transactions, writers of rows, tools.
 *
 * <p>Results are always read to their end: SQLite commits a writing statement that returns rows when its last row was
 * read, so only then does an error of that commit surface.
 */
public final class SqlRunner {
    /** Nothing keeps a chain of warnings from being endless. */
    private static final int MOST_WARNINGS = 1000;

    private final Dialect dialect;
    private final Map<SqlFiles.Name, NamedSql> texts;
    private final Source writer;
    private final Source reader;
    private final WriteQueue queue;
    private final StoreClock clock;
    private final boolean within;
    private final Replication replication;

    /**
     * The writes of one store that its synchronous standby may lack, by number: those that the server warned of, up to
     * the latest, and those that are proven to be there, since a later write is.
     */
    private record Replication(AtomicLong warned, AtomicLong proven) {}

    /** Lends connections, one for each use. */
    public interface Source {
        Connection take() throws SQLException;

        /** Takes a connection back; {@code thrown} is what its use threw, if it did. */
        void release(Connection connection, @Nullable Throwable thrown) throws SQLException;
    }

    /**
     * A runner on a store's pools.
     *
     * @param writer lends the connections that write
     * @param queue where each write queues first
     * @param reader lends the connections that read; may be the same as {@code writer}
     */
    public SqlRunner(Dialect dialect, DataSource writer, WriteQueue queue, DataSource reader, StoreClock clock) {
        this(
                dialect,
                load(dialect),
                queued(queue, pooled(writer)),
                pooled(reader),
                queue,
                clock,
                false,
                new Replication(new AtomicLong(), new AtomicLong()));
    }

    private SqlRunner(
            Dialect dialect,
            Map<SqlFiles.Name, NamedSql> texts,
            Source writer,
            Source reader,
            WriteQueue queue,
            StoreClock clock,
            boolean within,
            Replication replication) {
        this.dialect = dialect;
        this.texts = texts;
        this.writer = writer;
        this.reader = reader;
        this.queue = queue;
        this.clock = clock;
        this.within = within;
        this.replication = replication;
    }

    /** The texts of a dialect's statements as they are sent, in the syntax of JDBC. */
    public static Set<String> texts(Dialect dialect) {
        return load(dialect).values().stream().map(NamedSql::text).collect(Collectors.toUnmodifiableSet());
    }

    private static Map<SqlFiles.Name, NamedSql> load(Dialect dialect) {
        return dialect == Dialect.SQLITE ? OfSqlite.TEXTS : OfPostgres.TEXTS;
    }

    /** Parsed once in a process: parsing takes longer than opening a store. */
    private static final class OfSqlite {
        static final Map<SqlFiles.Name, NamedSql> TEXTS = parse(Dialect.SQLITE);
    }

    /** Likewise. */
    private static final class OfPostgres {
        static final Map<SqlFiles.Name, NamedSql> TEXTS = parse(Dialect.POSTGRESQL);
    }

    private static Map<SqlFiles.Name, NamedSql> parse(Dialect dialect) {
        Map<SqlFiles.Name, NamedSql> texts = new EnumMap<>(SqlFiles.Name.class);
        for (SqlFiles.Name name : SqlFiles.Name.values()) {
            if (name.isOf(dialect)) {
                texts.put(name, NamedSql.of(SqlFiles.load(dialect, name)));
            }
        }
        return Collections.unmodifiableMap(texts);
    }

    /**
     * A runner on {@code connection}, inside its open transaction, which it neither begins nor ends; it closes nothing.
     */
    public SqlRunner within(Connection connection) {
        return within(connection, clock);
    }

    /** A runner of the same statements on connections of {@code source} alone. */
    public SqlRunner on(Source source) {
        return new SqlRunner(dialect, texts, source, source, WriteQueue.none(), clock, false, replication);
    }

    /** Like {@link #within}, with one time for all statements that are given theirs, on SQLite. */
    public SqlRunner withinAtOneTime(Connection connection) {
        return within(connection, stoppedClock());
    }

    /** A clock that is stopped now; PostgreSQL's statements read the server's. */
    private StoreClock stoppedClock() {
        return dialect == Dialect.SQLITE ? new FixedTime(clock.nowMillis(), clock.granularityMillis()) : clock;
    }

    private SqlRunner within(Connection connection, StoreClock time) {
        Source fixed = new Source() {
            @Override
            public Connection take() {
                return connection;
            }

            @Override
            public void release(Connection taken, @Nullable Throwable thrown) {}
        };
        return new SqlRunner(dialect, texts, fixed, fixed, WriteQueue.none(), time, true, replication);
    }

    /** Borrows a connection that writes, with autocommit on; to be {@linkplain #close returned} by the same thread. */
    public Connection open() {
        return take(writer);
    }

    /** Returns a connection that was {@linkplain #open borrowed}. */
    public void close(Connection connection) throws SQLException {
        writer.release(connection, null);
    }

    public Dialect dialect() {
        return dialect;
    }

    /** The queue that each write passes; a thread may hold its position over several writes. */
    public WriteQueue queue() {
        return queue;
    }

    /** Maps a row to a value. */
    @FunctionalInterface
    public interface Mapper<T extends @Nullable Object> {
        @Nullable
        T map(ResultSet row) throws SQLException;
    }

    /** Executes a query, on the pool of readers. */
    public <T extends @Nullable Object> List<T> read(
            SqlFiles.Name name, UnaryOperator<Parameters> bindings, Mapper<T> mapper) {
        return on(reader, connection -> rows(connection, name, bindings, mapper, clock));
    }

    /** Executes a writing statement, and maps the rows that it returns. */
    public <T extends @Nullable Object> List<T> write(
            SqlFiles.Name name, UnaryOperator<Parameters> bindings, Mapper<T> mapper) {
        return on(writer, connection -> rows(connection, name, bindings, mapper, clock));
    }

    /**
     * Writes one row or none, without RETURNING, for which SQLite would build a table in memory.
     *
     * @return the time that was bound, or empty if no row was written
     */
    public Optional<Instant> writeOne(SqlFiles.Name name, UnaryOperator<Parameters> bindings) {
        return on(writer, connection -> {
            NamedSql sql = text(name);
            try (PreparedStatement statement = connection.prepareStatement(sql.text())) {
                Parameters bound = bindings.apply(new Parameters(statement, sql, dialect, clock));
                bound.check();
                boolean written = statement.executeUpdate() > 0;
                requireReplicated(statement);
                return written ? Optional.of(bound.now()) : Optional.empty();
            }
        });
    }

    /** Executes a writing statement, and returns the number of rows written. */
    public int update(SqlFiles.Name name, UnaryOperator<Parameters> bindings) {
        return on(writer, connection -> update(connection, name, bindings, clock));
    }

    /**
     * Runs several statements as one transaction: they all take effect, or none does. On SQLite it begins with the
     * write lock. On PostgreSQL almost all are one statement each, so that no lock is held over a round trip.
     */
    public <T extends @Nullable Object> T transaction(Function<Transaction, T> body) {
        StoreClock now = stoppedClock();
        return on(writer, connection -> {
            try {
                connection.setAutoCommit(false);
                T answer = body.apply(new Transaction(connection, now));
                commit(connection);
                connection.setAutoCommit(true);
                return answer;
            } catch (Throwable e) {
                rollBack(connection, e);
                throw e;
            }
        });
    }

    /** As {@link #transaction}, or inside the transaction that this runner works in. */
    public <T extends @Nullable Object> T inTransaction(Function<SqlRunner, T> body) {
        return within ? body.apply(this) : transaction(transaction -> body.apply(transaction.runner()));
    }

    /**
     * Commits the transaction that {@code connection} has open, and fails if it is unknown whether that lasts.
     * Afterwards autocommit is on with SQLite, and off with PostgreSQL.
     */
    public void commit(Connection connection) throws SQLException {
        if (dialect == Dialect.SQLITE) {
            // Commits. The driver's commit() would begin another transaction at once; if that
            // found the file busy, a commit that succeeded would look as if it had failed.
            connection.setAutoCommit(true);
            return;
        }
        // The warnings of earlier transactions stay with a connection, and not every pool clears them.
        connection.clearWarnings();
        connection.commit();
        requireReplicated(connection::getWarnings);
    }

    /** The number of the latest write of the store that its synchronous standby may lack; 0 if it has all of them. */
    public long unreplicated() {
        long warned = replication.warned().get();
        return warned > replication.proven().get() ? warned : 0;
    }

    /** Notes that a write was replicated that began after {@link #unreplicated} had returned {@code number}. */
    public void replicated(long number) {
        long unused = replication.proven().accumulateAndGet(number, Math::max);
    }

    /** As {@link #requireReplicated(Call)}, for a statement that has been executed. */
    private void requireReplicated(Statement statement) throws SQLException {
        if (dialect == Dialect.POSTGRESQL) {
            requireReplicated(statement::getWarnings);
        }
    }

    /**
     * Fails if the server stopped waiting for its synchronous standby.
     *
     * <p>Race: {@code pg_cancel_backend}, or a query timeout of the driver, ends that wait. The statement succeeds: it
     * is committed on the primary, where everybody sees it, and a failover may forget it. The server says so in
     * a warning only. So such a write counts as unknown; the next try repeats it, or finds it and waits again
     * ({@code confirm.sql}).
     */
    private void requireReplicated(Call<@Nullable SQLWarning> warnings) throws SQLException {
        SQLWarning warning;
        try {
            warning = warnings.run();
        } catch (SQLException e) {
            // Whatever its SQLSTATE says: it comes after the commit.
            throw new SQLException(e.getMessage(), SqlErrorKind.STATEMENT_COMPLETION_UNKNOWN, e);
        }
        for (int i = 0; warning != null && i < MOST_WARNINGS; i++) {
            if (SqlErrorKind.isUnreplicated(warning)) {
                long unused = replication.warned().incrementAndGet();
                throw new SQLException(SafeSqlException.sentence(warning), SqlErrorKind.UNREPLICATED);
            }
            warning = warning.getNextWarning();
        }
    }

    /**
     * Rolls back, and only then switches autocommit on again: that would commit what is still open.
     *
     * <p>Race: another process locks the file, and one of these steps fails as busy. SQLite's driver has switched its
     * autocommit flag by then, though no transaction began or ended, and neither driver nor pool repairs that: every
     * later statement on the connection would be refused. So each step is taken whatever the result of the one before.
     * SQLite fails to roll back only where there is nothing to roll back.
     */
    public static void rollBack(Connection connection, Throwable cause) {
        attempt(cause, () -> connection.setAutoCommit(false));
        attempt(cause, connection::rollback);
        attempt(cause, () -> connection.setAutoCommit(true));
    }

    /** A step that may fail. */
    private interface Step {
        void run() throws SQLException;
    }

    private static void attempt(Throwable cause, Step step) {
        try {
            step.run();
        } catch (SQLException e) {
            cause.addSuppressed(e);
        }
    }

    /** A clock that is stopped. */
    private record FixedTime(long nowMillis, long granularityMillis) implements StoreClock {}

    /** The statements of one transaction, which all see one time. */
    public final class Transaction {
        private final Connection connection;
        private final StoreClock time;

        private Transaction(Connection connection, StoreClock time) {
            this.connection = connection;
            this.time = time;
        }

        /** A runner within this transaction. */
        public SqlRunner runner() {
            return within(connection, time);
        }

        /** Executes a writing statement, and maps the rows that it returns. */
        public <T extends @Nullable Object> List<T> write(
                SqlFiles.Name name, UnaryOperator<Parameters> bindings, Mapper<T> mapper) {
            return checked(() -> rows(connection, name, bindings, mapper, time));
        }

        /** Executes a writing statement, and returns the number of rows written. */
        @CanIgnoreReturnValue
        public int update(SqlFiles.Name name, UnaryOperator<Parameters> bindings) {
            return checked(() -> SqlRunner.this.update(connection, name, bindings, time));
        }
    }

    /** A use of a connection. */
    private interface Use<T extends @Nullable Object> {
        T with(Connection connection) throws SQLException;
    }

    /** A call that may fail with an SQLException. */
    private interface Call<T extends @Nullable Object> {
        T run() throws SQLException;
    }

    private <T extends @Nullable Object> T on(Source source, Use<T> use) {
        Connection connection = take(source);
        Throwable thrown = null;
        try {
            return use.with(connection);
        } catch (SQLException e) {
            StatementFailed failed = new StatementFailed(e);
            thrown = failed;
            throw failed;
        } catch (Throwable e) {
            thrown = e;
            throw e;
        } finally {
            release(source, connection, thrown);
        }
    }

    private static Connection take(Source source) {
        try {
            return source.take();
        } catch (SQLException e) {
            throw new ConnectionException(e);
        }
    }

    private static void release(Source source, Connection connection, @Nullable Throwable thrown) {
        try {
            source.release(connection, thrown);
        } catch (SQLException e) {
            if (thrown == null) {
                throw new StatementFailed(e);
            }
            thrown.addSuppressed(e);
        }
    }

    private static <T extends @Nullable Object> T checked(Call<T> call) {
        try {
            return call.run();
        } catch (SQLException e) {
            throw new StatementFailed(e);
        }
    }

    private <T extends @Nullable Object> List<T> rows(
            Connection connection,
            SqlFiles.Name name,
            UnaryOperator<Parameters> bindings,
            Mapper<T> mapper,
            StoreClock time)
            throws SQLException {
        NamedSql sql = text(name);
        try (PreparedStatement statement = connection.prepareStatement(sql.text())) {
            bindings.apply(new Parameters(statement, sql, dialect, time)).check();
            try (ResultSet row = statement.executeQuery()) {
                List<T> answers = new ArrayList<>(1);
                while (row.next()) {
                    answers.add(mapper.map(row));
                }
                requireReplicated(statement);
                return answers;
            }
        }
    }

    private int update(Connection connection, SqlFiles.Name name, UnaryOperator<Parameters> bindings, StoreClock time)
            throws SQLException {
        NamedSql sql = text(name);
        try (PreparedStatement statement = connection.prepareStatement(sql.text())) {
            bindings.apply(new Parameters(statement, sql, dialect, time)).check();
            int rows = statement.executeUpdate();
            requireReplicated(statement);
            return rows;
        }
    }

    private NamedSql text(SqlFiles.Name name) {
        NamedSql text = texts.get(name);
        if (text == null) {
            throw new IllegalStateException("no statement " + name + " in the dialect " + dialect);
        }
        return text;
    }

    /**
     * A connection from {@code dataSource}, with autocommit on. Race: a data source that joins transactions hands out
     * the connection of the caller's open one. A claim inside it could be rolled back after its effect happened, so
     * this is checked at every borrow, not only at the start.
     */
    public static Connection connect(DataSource dataSource) throws SQLException {
        Connection connection = dataSource.getConnection();
        boolean autocommit = false;
        try {
            autocommit = connection.getAutoCommit();
        } finally {
            if (!autocommit) {
                connection.close();
            }
        }
        if (autocommit) {
            return connection;
        }
        throw new StoreException.Misconfigured("The data source hands out connections with autocommit off, which may be"
                + " the caller's own open transaction; a claim inside one could be rolled back after its effect"
                + " happened. Give the store a data source of its own with autocommit on, and call it outside of"
                + " transactions");
    }

    /** Maps the first row of a query without parameters; an error if there is none. */
    public static <T> T first(Connection connection, String sql, Mapper<T> mapper) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(sql)) {
            T value = rows.next() ? mapper.map(rows) : null;
            if (value == null) {
                throw new SQLException("expected a row, found none: " + sql);
            }
            return value;
        }
    }

    /** Executes a writing statement of SQLite's that does not bind the time, before there is a clock. */
    public static int updateSqlite(Connection connection, String sql, UnaryOperator<Parameters> bindings)
            throws SQLException {
        NamedSql parsed = NamedSql.of(sql);
        try (PreparedStatement statement = connection.prepareStatement(parsed.text())) {
            bindings.apply(new Parameters(statement, parsed, Dialect.SQLITE, StoreClock.none()))
                    .check();
            return statement.executeUpdate();
        }
    }

    /** A Jdbi whose exceptions never show bound values: keys and results do not belong into logs. */
    public static Jdbi jdbi(DataSource dataSource) {
        Jdbi jdbi = Jdbi.create(() -> connect(dataSource));
        var unused = jdbi.getConfig(SqlStatements.class).setTemplateEngine(TemplateEngine.NOP);
        var unused2 = jdbi.getConfig(StatementExceptions.class)
                .setMessageRendering(StatementExceptions.MessageRendering.NONE);
        return jdbi;
    }

    private static Source pooled(DataSource dataSource) {
        return new Source() {
            @Override
            public Connection take() throws SQLException {
                return connect(dataSource);
            }

            @Override
            public void release(Connection connection, @Nullable Throwable thrown) throws SQLException {
                connection.close();
            }
        };
    }

    private static Source queued(WriteQueue queue, Source source) {
        return new Source() {
            @Override
            public Connection take() throws SQLException {
                queue.enter();
                boolean taken = false;
                try {
                    Connection connection = source.take();
                    taken = true;
                    return connection;
                } finally {
                    if (!taken) {
                        queue.exit();
                    }
                }
            }

            @Override
            public void release(Connection connection, @Nullable Throwable thrown) throws SQLException {
                try {
                    source.release(connection, thrown);
                } finally {
                    queue.exit();
                }
            }
        };
    }

    /** Carries the driver's error of a failed statement to {@link RetryLoop}, which classifies it. */
    public static final class StatementFailed extends RuntimeException {
        private static final long serialVersionUID = 1L;

        public StatementFailed(SQLException cause) {
            super("a statement failed", cause);
        }
    }
}
