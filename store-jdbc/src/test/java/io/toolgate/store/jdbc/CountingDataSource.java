package io.toolgate.store.jdbc;

import java.lang.reflect.Method;
import java.sql.Connection;
import java.sql.Statement;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import javax.sql.DataSource;

/** Counts the statements that a store sends and the connections it has at a time, and can hold one statement up. */
final class CountingDataSource extends InterceptedDataSource {
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

    @Override
    Object call(Object inner, Method method, Object[] arguments) throws Throwable {
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
        Object answer = invoke(inner, method, arguments);
        if (answer instanceof Connection && inner instanceof DataSource) {
            mostOpen.accumulateAndGet(open.incrementAndGet(), Math::max);
        }
        return answer;
    }
}
