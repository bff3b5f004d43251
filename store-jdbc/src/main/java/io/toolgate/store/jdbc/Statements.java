package io.toolgate.store.jdbc;

import com.google.errorprone.annotations.CanIgnoreReturnValue;
import io.toolgate.Failure;
import io.toolgate.store.Payload;
import io.toolgate.store.StoreException;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import javax.sql.DataSource;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Handles;
import org.jdbi.v3.core.Jdbi;
import org.jdbi.v3.core.mapper.RowMapper;
import org.jdbi.v3.core.statement.SqlStatement;
import org.jdbi.v3.core.statement.SqlStatements;
import org.jdbi.v3.core.statement.StatementExceptions;
import org.jdbi.v3.core.statement.TemplateEngine;
import org.jdbi.v3.core.statement.Update;
import org.jdbi.v3.core.transaction.TransactionException;
import org.jspecify.annotations.Nullable;

/**
 * Runs one dialect's statements, each on a connection of its own that is given back at once, and each its own transaction but
 * for those that {@link #transaction} puts together.
 *
 * <p>Results are always read to their end: SQLite commits a writing statement that returns rows when its last row was
 * read, so that only then an error of the commit comes to light.
 */
final class Statements {
    private final Dialect dialect;
    private final Map<Sql.Name, String> texts;
    private final Jdbi writer;
    private final Jdbi reader;
    private final StoreClock clock;

    /** Statements that write through {@code writer} and read through {@code reader}, which may be the same. */
    Statements(Dialect dialect, DataSource writer, DataSource reader, StoreClock clock) {
        this(dialect, load(dialect), jdbi(writer), jdbi(reader), clock);
    }

    private Statements(Dialect dialect, Map<Sql.Name, String> texts, Jdbi writer, Jdbi reader, StoreClock clock) {
        this.dialect = dialect;
        this.texts = texts;
        this.writer = writer;
        this.reader = reader;
        this.clock = clock;
    }

    private static Map<Sql.Name, String> load(Dialect dialect) {
        Map<Sql.Name, String> texts = new EnumMap<>(Sql.Name.class);
        for (Sql.Name name : Sql.Name.values()) {
            if (name.isOf(dialect)) {
                texts.put(name, Sql.load(dialect, name));
            }
        }
        return texts;
    }

    /**
     * The same statements on {@code connection}, inside whatever transaction is open there, which is neither begun nor ended
     * here; the connection stays open.
     */
    Statements within(Connection connection) {
        Jdbi jdbi = configured(Jdbi.create(connection));
        return new Statements(dialect, texts, jdbi, jdbi, clock);
    }

    /** A connection that writes, with autocommit on; the caller gives it back. */
    Handle open() {
        return writer.open();
    }

    Dialect dialect() {
        return dialect;
    }

    /** Reads, where a pool for readers exists on it. */
    <T> List<T> read(Sql.Name name, UnaryOperator<Bindings> bindings, RowMapper<T> mapper) {
        return rows(reader, name, bindings, mapper);
    }

    /** Writes, and maps what the statement returns. */
    <T> List<T> write(Sql.Name name, UnaryOperator<Bindings> bindings, RowMapper<T> mapper) {
        return rows(writer, name, bindings, mapper);
    }

    /** Writes, and returns the number of rows written. */
    int update(Sql.Name name, UnaryOperator<Bindings> bindings) {
        try (Handle handle = writer.open();
                Update update = handle.createUpdate(text(name))) {
            var unused = bindings.apply(new Bindings(update, clock));
            return update.execute();
        }
    }

    /**
     * Runs several statements as one transaction: they all take effect, or none does. For SQLite, where it begins with the
     * write lock; PostgreSQL's are one statement each, so that no lock is held over a round trip.
     */
    <T> T transaction(Function<Transaction, T> body) {
        long now = clock.nowMillis();
        try (Handle handle = writer.open()) {
            Connection connection = handle.getConnection();
            try {
                connection.setAutoCommit(false);
                T answer = body.apply(new Transaction(handle, () -> now));
                // Commits, as commit() does, which would begin another transaction at once: one that may find the file
                // busy, so that what is committed would look as if it were not.
                connection.setAutoCommit(true);
                return answer;
            } catch (Throwable e) {
                rollBack(connection, e);
                throw e;
            }
        } catch (SQLException e) {
            throw new TransactionException("a transaction could not be begun or ended", e);
        }
    }

    /**
     * Rolls back, and only then switches autocommit on again: that would commit what is still open.
     *
     * <p>SQLite's driver changes its mind about autocommit before it begins or ends a transaction, also if that fails, and
     * begins another one when it has rolled back. Race: another process has the file, and one of these fails as busy. Neither
     * driver nor pool then puts the connection right, and every later statement on it would be refused; so each step here is
     * taken whatever became of the one before. SQLite fails to roll back only where there is nothing to roll back.
     */
    static void rollBack(Connection connection, Throwable cause) {
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

    /** The statements of one transaction, which all see one time. */
    final class Transaction {
        private final Handle handle;
        private final StoreClock time;

        private Transaction(Handle handle, StoreClock time) {
            this.handle = handle;
            this.time = time;
        }

        /** Writes, and maps what the statement returns. */
        <T> List<T> write(Sql.Name name, UnaryOperator<Bindings> bindings, RowMapper<T> mapper) {
            return rows(handle, name, bindings, mapper, time);
        }

        /** Writes, and returns the number of rows written. */
        @CanIgnoreReturnValue
        int update(Sql.Name name, UnaryOperator<Bindings> bindings) {
            try (Update update = handle.createUpdate(text(name))) {
                var unused = bindings.apply(new Bindings(update, time));
                return update.execute();
            }
        }
    }

    private <T> List<T> rows(Jdbi jdbi, Sql.Name name, UnaryOperator<Bindings> bindings, RowMapper<T> mapper) {
        try (Handle handle = jdbi.open()) {
            return rows(handle, name, bindings, mapper, clock);
        }
    }

    private <T> List<T> rows(
            Handle handle, Sql.Name name, UnaryOperator<Bindings> bindings, RowMapper<T> mapper, StoreClock time) {
        try (var query = handle.createQuery(text(name))) {
            var unused = bindings.apply(new Bindings(query, time));
            return query.map(mapper).list();
        }
    }

    private String text(Sql.Name name) {
        String text = texts.get(name);
        if (text == null) {
            throw new IllegalStateException("no text for " + name);
        }
        return text;
    }

    /** A Jdbi whose exceptions never show what was bound: keys and results do not belong into logs. */
    static Jdbi jdbi(DataSource dataSource) {
        return configured(Jdbi.create(() -> autocommitting(dataSource.getConnection())));
    }

    private static Jdbi configured(Jdbi jdbi) {
        var unused = jdbi.getConfig(SqlStatements.class).setTemplateEngine(TemplateEngine.NOP);
        var unused2 = jdbi.getConfig(StatementExceptions.class)
                .setMessageRendering(StatementExceptions.MessageRendering.NONE);
        // A transaction whose rollback failed is the pool's to end, and a caller's is the caller's; Jdbi's own way
        // would hide
        // what went wrong.
        jdbi.getConfig(Handles.class).setForceEndTransactions(false);
        return jdbi.registerArrayType(UUID.class, "uuid").registerArrayType(String.class, "text");
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

    /** The parameters of one statement. */
    final class Bindings {
        private final SqlStatement<?> statement;
        private final StoreClock time;

        private Bindings(SqlStatement<?> statement, StoreClock time) {
            this.statement = statement;
            this.time = time;
        }

        @CanIgnoreReturnValue
        Bindings bind(String name, UUID value) {
            dialect.bind(statement, name, value);
            return this;
        }

        @CanIgnoreReturnValue
        Bindings bind(String name, @Nullable String value) {
            var unused = statement.bind(name, value);
            return this;
        }

        @CanIgnoreReturnValue
        Bindings bind(String name, byte @Nullable [] value) {
            var unused = statement.bind(name, value);
            return this;
        }

        @CanIgnoreReturnValue
        Bindings bind(String name, long value) {
            var unused = statement.bind(name, value);
            return this;
        }

        @CanIgnoreReturnValue
        Bindings bind(String name, boolean value) {
            var unused = statement.bind(name, value);
            return this;
        }

        @CanIgnoreReturnValue
        Bindings bind(String name, UUID[] values) {
            var unused = statement.bind(name, values);
            return this;
        }

        @CanIgnoreReturnValue
        Bindings bind(String name, String[] values) {
            var unused = statement.bind(name, values);
            return this;
        }

        @CanIgnoreReturnValue
        Bindings bind(String name, Duration value) {
            return bind(name, dialect.count(value));
        }

        /** The columns that say how a record ended: with a result, with the reason why there is none to show, or failed. */
        @CanIgnoreReturnValue
        Bindings bindEnd(@Nullable Payload result, @Nullable Failure failed) {
            Payload shown = result != null && result.isAvailable() ? result : null;
            Failure failure = result != null && !result.isAvailable() ? result.reason() : failed;
            return bind("result", shown == null || shown.isNull() ? null : shown.bytes())
                    .bind("resultCodec", shown == null ? null : shown.codec())
                    .bind("failureCode", failure == null ? null : failure.code())
                    .bind("failureMessage", failure == null ? null : failure.message());
        }

        /** A lease: never shorter than asked, however coarse the clock is. */
        @CanIgnoreReturnValue
        Bindings bindLease(Duration value) {
            return bind("lease", dialect == Dialect.SQLITE ? value.plusMillis(clock.granularityMillis()) : value);
        }

        /** The time, read now, before the statement waits for anything: a late answer makes a lease shorter. */
        @CanIgnoreReturnValue
        Bindings bindNow() {
            return dialect == Dialect.SQLITE ? bind("now", time.nowMillis()) : this;
        }
    }
}
