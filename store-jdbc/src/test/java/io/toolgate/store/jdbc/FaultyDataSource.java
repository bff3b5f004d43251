package io.toolgate.store.jdbc;

import java.lang.reflect.InvocationHandler;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import javax.sql.DataSource;

/**
 * Breaks one JDBC call out of many, chosen by its number, before or after it has its effect. The calls are those to the
 * data source and to the connections, statements and results that come from it.
 */
final class FaultyDataSource {
    /** When the call breaks. */
    enum Moment {
        /** Instead of its effect. */
        BEFORE,
        /** After its effect, so that only its answer is lost. */
        AFTER
    }

    private final AtomicInteger calls = new AtomicInteger();
    private volatile int target = -1;
    private volatile Moment moment = Moment.BEFORE;
    private volatile Supplier<SQLException> error = SQLException::new;
    private volatile String hit = "";

    /** Breaks call number {@code target} from now, counted from 0. */
    void arm(int target, Moment moment, Supplier<SQLException> error) {
        this.moment = moment;
        this.error = error;
        this.hit = "";
        calls.set(0);
        this.target = target;
    }

    /** Breaks nothing any more, and returns the name of the call that was broken, empty if there was none. */
    String disarm() {
        target = -1;
        return hit;
    }

    DataSource wrap(DataSource inner) {
        return proxy(DataSource.class, inner);
    }

    private <T> T proxy(Class<T> type, T inner) {
        InvocationHandler handler = (self, method, arguments) -> call(inner, method, arguments);
        return type.cast(Proxy.newProxyInstance(type.getClassLoader(), new Class<?>[] {type}, handler));
    }

    private Object call(Object inner, Method method, Object[] arguments) throws Throwable {
        boolean mayThrow = java.util.Arrays.asList(method.getExceptionTypes()).contains(SQLException.class);
        boolean broken = mayThrow && target >= 0 && calls.getAndIncrement() == target;
        // A close that does nothing at all would be a leak of the test's own making.
        if (broken && moment == Moment.BEFORE && !method.getName().equals("close")) {
            throw fault(method);
        }
        Object answer;
        try {
            answer = method.invoke(inner, arguments);
        } catch (InvocationTargetException e) {
            throw e.getCause();
        }
        if (broken) {
            if (answer instanceof Connection connection) {
                connection.close();
            }
            throw fault(method);
        }
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

    private SQLException fault(Method method) {
        hit = method.getDeclaringClass().getSimpleName() + "." + method.getName();
        return error.get();
    }
}
