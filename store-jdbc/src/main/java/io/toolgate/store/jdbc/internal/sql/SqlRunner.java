package io.toolgate.store.jdbc.internal.sql;

import com.google.errorprone.annotations.CanIgnoreReturnValue;
import io.toolgate.store.StoreException;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
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
 * Runs one dialect's statements, each on a connection of its own that is given back at once, and each its own transaction but
 * for those that {@link #transaction} puts together.
 *
 * <p>Plain JDBC: on what a run does twice, Jdbi's fluent API costs 4 to 12 % of the rate. Results are always read to their
 * end: SQLite commits a writing statement that returns rows when its last row was read, so that only then an error of the
 * commit comes to light.
 */
public final class SqlRunner {
    private final Dialect dialect;
    private final Map<SqlFiles.Name, NamedSql> texts;
    private final Source writer;
    private final Source reader;
    private final WriteQueue turn;
    private final StoreClock clock;

    /** Where a connection comes from, and what becomes of it after one use. */
    private interface Source {
        Connection take() throws SQLException;

        void giveBack(Connection connection) throws SQLException;
    }

    /** Statements that write through {@code writer}, one {@code turn} each, and read through {@code reader}, which may be the same. */
    public SqlRunner(Dialect dialect, DataSource writer, WriteQueue turn, DataSource reader, StoreClock clock) {
        this(dialect, load(dialect), inTurn(turn, pooled(writer)), pooled(reader), turn, clock);
    }

    private SqlRunner(
            Dialect dialect,
            Map<SqlFiles.Name, NamedSql> texts,
            Source writer,
            Source reader,
            WriteQueue turn,
            StoreClock clock) {
        this.dialect = dialect;
        this.texts = texts;
        this.writer = writer;
        this.reader = reader;
        this.turn = turn;
        this.clock = clock;
    }

    /** What of these statements is sent: their texts as JDBC takes them. */
    public static Set<String> texts(Dialect dialect) {
        return load(dialect).values().stream().map(NamedSql::text).collect(Collectors.toUnmodifiableSet());
    }

    private static Map<SqlFiles.Name, NamedSql> load(Dialect dialect) {
        return dialect == Dialect.SQLITE ? OfSqlite.TEXTS : OfPostgres.TEXTS;
    }

    /** Parsed once: to parse them takes longer than to open a store. */
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
     * The same statements on {@code connection}, inside whatever transaction is open there, which is neither begun nor ended
     * here; the connection stays open.
     */
    public SqlRunner within(Connection connection) {
        return within(connection, clock);
    }

    private SqlRunner within(Connection connection, StoreClock time) {
        Source fixed = new Source() {
            @Override
            public Connection take() {
                return connection;
            }

            @Override
            public void giveBack(Connection taken) {}
        };
        return new SqlRunner(dialect, texts, fixed, fixed, WriteQueue.none(), time);
    }

    /** A connection that writes, with autocommit on; to be {@linkplain #close given back} by the same thread. */
    public Connection open() {
        return take(writer);
    }

    /** Gives back a connection that was {@linkplain #open taken}. */
    public void close(Connection connection) throws SQLException {
        writer.giveBack(connection);
    }

    public Dialect dialect() {
        return dialect;
    }

    /** The turn that each write takes; a thread may take it around several. */
    public WriteQueue turn() {
        return turn;
    }

    /** What turns a row into a value. */
    @FunctionalInterface
    public interface Mapper<T extends @Nullable Object> {
        @Nullable
        T map(ResultSet row) throws SQLException;
    }

    /** Reads, where a pool for readers exists on it. */
    public <T extends @Nullable Object> List<T> read(
            SqlFiles.Name name, UnaryOperator<Parameters> bindings, Mapper<T> mapper) {
        return on(reader, connection -> rows(connection, name, bindings, mapper, clock));
    }

    /** Writes, and maps what the statement returns. */
    public <T extends @Nullable Object> List<T> write(
            SqlFiles.Name name, UnaryOperator<Parameters> bindings, Mapper<T> mapper) {
        return on(writer, connection -> rows(connection, name, bindings, mapper, clock));
    }

    /**
     * Writes one row or none, without a word from the database; for SQLite, which builds a table in memory for each RETURNING.
     *
     * @return the time that was bound, or empty if no row was written
     */
    public Optional<Instant> writeOne(SqlFiles.Name name, UnaryOperator<Parameters> bindings) {
        return on(writer, connection -> {
            NamedSql sql = text(name);
            try (PreparedStatement statement = connection.prepareStatement(sql.text())) {
                Parameters bound = bindings.apply(new Parameters(statement, sql, dialect, clock));
                bound.check();
                return statement.executeUpdate() == 0 ? Optional.empty() : Optional.of(bound.now());
            }
        });
    }

    /** Writes, and returns the number of rows written. */
    public int update(SqlFiles.Name name, UnaryOperator<Parameters> bindings) {
        return on(writer, connection -> update(connection, name, bindings, clock));
    }

    /**
     * Runs several statements as one transaction: they all take effect, or none does. For SQLite, where it begins with the
     * write lock; PostgreSQL's are one statement each, so that no lock is held over a round trip.
     */
    public <T> T transaction(Function<Transaction, T> body) {
        StoreClock now = new FixedTime(clock.nowMillis(), clock.granularityMillis());
        return on(writer, connection -> {
            try {
                connection.setAutoCommit(false);
                T answer = body.apply(new Transaction(connection, now));
                // Commits, as commit() does, which would begin another transaction at once: one that may find the file
                // busy, so that what is committed would look as if it were not.
                connection.setAutoCommit(true);
                return answer;
            } catch (Throwable e) {
                rollBack(connection, e);
                throw e;
            }
        });
    }

    /**
     * Rolls back, and only then switches autocommit on again: that would commit what is still open.
     *
     * <p>SQLite's driver changes its mind about autocommit before it begins or ends a transaction, also if that fails, and
     * begins another one when it has rolled back. Race: another process has the file, and one of these fails as busy. Neither
     * driver nor pool then puts the connection right, and every later statement on it would be refused; so each step here is
     * taken whatever became of the one before. SQLite fails to roll back only where there is nothing to roll back.
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

    /** A clock that stands still. */
    private record FixedTime(long nowMillis, long granularityMillis) implements StoreClock {}

    /** The statements of one transaction, which all see one time. */
    public final class Transaction {
        private final Connection connection;
        private final StoreClock time;

        private Transaction(Connection connection, StoreClock time) {
            this.connection = connection;
            this.time = time;
        }

        /** All statements, within this transaction. */
        public SqlRunner statements() {
            return within(connection, time);
        }

        /** Writes, and maps what the statement returns. */
        public <T extends @Nullable Object> List<T> write(
                SqlFiles.Name name, UnaryOperator<Parameters> bindings, Mapper<T> mapper) {
            return checked(() -> rows(connection, name, bindings, mapper, time));
        }

        /** Writes, and returns the number of rows written. */
        @CanIgnoreReturnValue
        public int update(SqlFiles.Name name, UnaryOperator<Parameters> bindings) {
            return checked(() -> SqlRunner.this.update(connection, name, bindings, time));
        }
    }

    /** What is done with a connection. */
    private interface Use<T extends @Nullable Object> {
        T with(Connection connection) throws SQLException;
    }

    /** What may fail as JDBC does. */
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
            giveBack(source, connection, thrown);
        }
    }

    private static Connection take(Source source) {
        try {
            return source.take();
        } catch (SQLException e) {
            throw new ConnectionException(e);
        }
    }

    private static void giveBack(Source source, Connection connection, @Nullable Throwable thrown) {
        try {
            source.giveBack(connection);
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
                return answers;
            }
        }
    }

    private int update(Connection connection, SqlFiles.Name name, UnaryOperator<Parameters> bindings, StoreClock time)
            throws SQLException {
        NamedSql sql = text(name);
        try (PreparedStatement statement = connection.prepareStatement(sql.text())) {
            bindings.apply(new Parameters(statement, sql, dialect, time)).check();
            return statement.executeUpdate();
        }
    }

    private NamedSql text(SqlFiles.Name name) {
        NamedSql text = texts.get(name);
        if (text == null) {
            throw new IllegalStateException("no text for " + name);
        }
        return text;
    }

    /** A Jdbi whose exceptions never show what was bound: keys and results do not belong into logs. */
    public static Jdbi jdbi(DataSource dataSource) {
        Jdbi jdbi = Jdbi.create(() -> autocommitting(dataSource.getConnection()));
        var unused = jdbi.getConfig(SqlStatements.class).setTemplateEngine(TemplateEngine.NOP);
        var unused2 = jdbi.getConfig(StatementExceptions.class)
                .setMessageRendering(StatementExceptions.MessageRendering.NONE);
        return jdbi;
    }

    private static Source pooled(DataSource dataSource) {
        return new Source() {
            @Override
            public Connection take() throws SQLException {
                return autocommitting(dataSource.getConnection());
            }

            @Override
            public void giveBack(Connection connection) throws SQLException {
                connection.close();
            }
        };
    }

    private static Source inTurn(WriteQueue turn, Source source) {
        return new Source() {
            @Override
            public Connection take() throws SQLException {
                turn.enter();
                boolean taken = false;
                try {
                    Connection connection = source.take();
                    taken = true;
                    return connection;
                } finally {
                    if (!taken) {
                        turn.exit();
                    }
                }
            }

            @Override
            public void giveBack(Connection connection) throws SQLException {
                try {
                    source.giveBack(connection);
                } finally {
                    turn.exit();
                }
            }
        };
    }

    /**
     * Race: a data source that knows of the caller's transaction hands out the connection of that transaction. A claim
     * inside it could be rolled back after its effect happened, so it is refused at every borrow, not only at the start.
     */
    private static Connection autocommitting(Connection connection) throws SQLException {
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
                + " the caller's own open transaction; a claim inside one could be rolled back after its effect happened."
                + " Give the store a data source of its own with autocommit on, and call it outside of transactions");
    }

    /** Carries an error of the driver's from where a statement failed to {@link RetryLoop}, which knows what it means. */
    public static final class StatementFailed extends RuntimeException {
        private static final long serialVersionUID = 1L;

        public StatementFailed(SQLException cause) {
            super("a statement failed", cause);
        }
    }
}
