package io.toolgate.store.jdbc;

import java.lang.reflect.InvocationHandler;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.Statement;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import javax.sql.DataSource;

/** Counts the statements that a store sends and the connections it has at a time, and can hold one statement up. */
final class CountingDataSource {
    private final AtomicInteger statements = new AtomicInteger();
    private final AtomicInteger open = new AtomicInteger();
    private final AtomicInteger mostOpen = new AtomicInteger();
    private final AtomicReference<Hold> next = new AtomicReference<>();

    /** Where one statement stops: it says that it is there, and goes on when told. */
    record Hold(CountDownLatch reached, CountDownLatch goOn) {}

    int statements() {
        return statements.get();
    }

    int mostConnections() {
        return mostOpen.get();
    }

    void reset() {
        statements.set(0);
        mostOpen.set(open.get());
    }

    /** Holds up the next statement. */
    Hold holdNext() {
        Hold hold = new Hold(new CountDownLatch(1), new CountDownLatch(1));
        next.set(hold);
        return hold;
    }

    DataSource wrap(DataSource inner) {
        return proxy(DataSource.class, inner);
    }

    private <T> T proxy(Class<T> type, T inner) {
        InvocationHandler handler = (self, method, arguments) -> call(inner, method, arguments);
        return type.cast(Proxy.newProxyInstance(type.getClassLoader(), new Class<?>[] {type}, handler));
    }

    private Object call(Object inner, Method method, Object[] arguments) throws Throwable {
        if (inner instanceof Statement && method.getName().startsWith("execute")) {
            statements.incrementAndGet();
            Hold hold = next.getAndSet(null);
            if (hold != null) {
                hold.reached().countDown();
                hold.goOn().await();
            }
        } else if (inner instanceof Connection connection
                && method.getName().equals("close")
                && !connection.isClosed()) {
            open.decrementAndGet();
        }
        Object answer;
        try {
            answer = method.invoke(inner, arguments);
        } catch (InvocationTargetException e) {
            throw e.getCause();
        }
        if (answer instanceof Connection connection) {
            if (inner instanceof DataSource) {
                mostOpen.accumulateAndGet(open.incrementAndGet(), Math::max);
            }
            return proxy(Connection.class, connection);
        } else if (answer instanceof PreparedStatement statement) {
            return proxy(PreparedStatement.class, statement);
        } else if (answer instanceof Statement statement) {
            return proxy(Statement.class, statement);
        }
        return answer;
    }
}
