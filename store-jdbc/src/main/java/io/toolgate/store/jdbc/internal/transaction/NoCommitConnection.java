package io.toolgate.store.jdbc.internal.transaction;

import io.toolgate.store.StoreException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.sql.Connection;
import org.jspecify.annotations.Nullable;

/**
 * The connection that the body of {@code runInTransaction} gets: everything works except ending the transaction. A
 * body that committed would leave a claim without its result; one that rolled back would write outside of it.
 */
public final class NoCommitConnection {
    private NoCommitConnection() {}

    /** Wraps {@code connection}, in whose transaction a body runs. */
    static Connection of(Connection connection) {
        return (Connection) Proxy.newProxyInstance(
                NoCommitConnection.class.getClassLoader(),
                new Class<?>[] {Connection.class},
                (self, method, arguments) -> call(connection, method, arguments));
    }

    private static @Nullable Object call(Connection connection, Method method, Object @Nullable [] arguments)
            throws Throwable {
        if (endsTransaction(method, arguments)) {
            throw new StoreException.Refused(
                    "The body of runInTransaction called " + method.getName()
                            + " on its connection. The store ends the transaction, with the result in it: return to commit,"
                            + " throw to roll back. Nothing was ended by this call",
                    null);
        }
        if (method.getName().equals("close")) {
            return null;
        }
        try {
            return method.invoke(connection, arguments);
        } catch (InvocationTargetException e) {
            throw e.getCause();
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
}
