package io.toolgate.store.jdbc;

import java.lang.reflect.InvocationHandler;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.Statement;
import javax.sql.DataSource;

/** Intercepts the JDBC calls to a data source and to the connections, statements and results that come from it. */
abstract class InterceptedDataSource {
    final DataSource wrap(DataSource inner) {
        return proxy(DataSource.class, inner);
    }

    /** A call, made with {@link #invoke} or not. */
    abstract Object call(Object inner, Method method, Object[] arguments) throws Throwable;

    static Object invoke(Object inner, Method method, Object[] arguments) throws Throwable {
        try {
            return method.invoke(inner, arguments);
        } catch (InvocationTargetException e) {
            throw e.getCause();
        }
    }

    private <T> T proxy(Class<T> type, T inner) {
        InvocationHandler handler = (self, method, arguments) -> intercepted(call(inner, method, arguments));
        return type.cast(Proxy.newProxyInstance(type.getClassLoader(), new Class<?>[] {type}, handler));
    }

    private Object intercepted(Object answer) {
        if (answer instanceof Connection connection) {
            return proxy(Connection.class, connection);
        } else if (answer instanceof PreparedStatement statement) {
            return proxy(PreparedStatement.class, statement);
        } else if (answer instanceof Statement statement) {
            return proxy(Statement.class, statement);
        } else if (answer instanceof ResultSet results) {
            return proxy(ResultSet.class, results);
        }
        return answer;
    }
}
