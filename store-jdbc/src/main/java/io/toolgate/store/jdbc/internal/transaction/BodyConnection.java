package io.toolgate.store.jdbc.internal.transaction;

import io.toolgate.store.StoreException;
import io.toolgate.store.jdbc.internal.error.SqlErrorKind;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.sql.CallableStatement;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Savepoint;
import java.sql.Statement;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The connection that the body of {@code runInTransaction}, or a writer of rows, gets: everything works except ending
 * the transaction. A body that committed would leave a claim without its result; one that rolled back would write
 * outside of it.
 *
 * <p>Calls that would are refused. What may do so unseen, SQL with one of the words for it or a driver's own object, is
 * let through after a savepoint was set, which ends with the transaction: {@link #endedByBody} then misses it. Other
 * bodies pay nothing for that. Unseen is only a connection that the body gets from a result set. Used by one thread.
 */
final class BodyConnection {
    /**
     * Words of statements that end a transaction, and of savepoints, so that the body's are within this one. Also found
     * in {@code CASE … END}, a name or a text: that costs two statements, and no answer is wrong.
     */
    private static final Pattern MAY_END =
            Pattern.compile("\\b(commit|rollback|end|abort|prepare|savepoint)\\b", Pattern.CASE_INSENSITIVE);

    private final Connection target;
    private final String who;
    private final Connection proxy;
    private @Nullable Savepoint mark;

    /** Wraps {@code target}, in whose transaction {@code who} writes. */
    BodyConnection(Connection target, String who) {
        this.target = target;
        this.who = who;
        this.proxy = proxy(Connection.class, this::onConnection);
    }

    Connection proxy() {
        return proxy;
    }

    /**
     * Whether the body ended the transaction that it was given, though it may have begun another.
     *
     * @throws SQLException if the database cannot say
     */
    boolean endedByBody() throws SQLException {
        Savepoint set = mark;
        if (set == null) {
            return false;
        }
        try {
            target.releaseSavepoint(set);
            return false;
        } catch (SQLException e) {
            if (SqlErrorKind.isMissingSavepoint(e)) {
                return true;
            }
            throw e;
        }
    }

    private @Nullable Object onConnection(Object self, Method method, Object @Nullable [] arguments) throws Throwable {
        if (endsTransaction(method, arguments)) {
            throw new StoreException.Refused(
                    who + " called " + method.getName()
                            + " on its connection. The store ends the transaction, with the result in it: return to"
                            + " commit, throw to roll back. Nothing was ended by this call",
                    null);
        }
        if (method.getName().equals("close")) {
            return null;
        }
        switch (method.getName()) {
            case "unwrap", "getMetaData", "setSavepoint" -> mark();
            default -> markBefore(arguments);
        }
        Object answer = invoke(target, method, arguments);
        // The most special first: each is a Statement, too.
        if (answer instanceof CallableStatement statement) {
            return proxy(CallableStatement.class, onStatement(statement));
        }
        if (answer instanceof PreparedStatement statement) {
            return proxy(PreparedStatement.class, onStatement(statement));
        }
        return answer instanceof Statement statement ? proxy(Statement.class, onStatement(statement)) : answer;
    }

    private InvocationHandler onStatement(Statement statement) {
        return (self, method, arguments) -> {
            if (method.getName().equals("getConnection")) {
                return proxy;
            }
            if (method.getName().equals("unwrap")) {
                mark();
            }
            markBefore(arguments);
            return invoke(statement, method, arguments);
        };
    }

    /** Sets the savepoint before SQL that may end the transaction. All methods that take SQL have it first. */
    private void markBefore(Object @Nullable [] arguments) throws SQLException {
        if (arguments != null
                && arguments.length > 0
                && arguments[0] instanceof String sql
                && MAY_END.matcher(sql).find()) {
            mark();
        }
    }

    private void mark() throws SQLException {
        if (mark == null) {
            mark = target.setSavepoint("toolgate_body");
        }
    }

    private static boolean endsTransaction(Method method, Object @Nullable [] arguments) {
        return switch (method.getName()) {
            case "commit", "abort" -> true;
            // With a savepoint the transaction goes on.
            case "rollback" -> arguments == null;
            case "setAutoCommit" -> arguments != null && Boolean.TRUE.equals(arguments[0]);
            default -> false;
        };
    }

    private static @Nullable Object invoke(Object target, Method method, Object @Nullable [] arguments)
            throws Throwable {
        try {
            return method.invoke(target, arguments);
        } catch (InvocationTargetException e) {
            throw e.getCause();
        }
    }

    private static <T> T proxy(Class<T> type, InvocationHandler handler) {
        return type.cast(Proxy.newProxyInstance(BodyConnection.class.getClassLoader(), new Class<?>[] {type}, handler));
    }
}
