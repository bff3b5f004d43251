package io.toolgate.store.jdbc;

import java.lang.reflect.Method;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;

/** Breaks one JDBC call out of many, chosen by its number, before or after it has its effect. */
final class FaultyDataSource extends InterceptedDataSource {
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

    @Override
    Object call(Object inner, Method method, Object[] arguments) throws Throwable {
        boolean mayThrow = java.util.Arrays.asList(method.getExceptionTypes()).contains(SQLException.class);
        boolean broken = mayThrow && target >= 0 && calls.getAndIncrement() == target;
        // A close that does nothing at all would be a leak of the test's own making.
        if (broken && moment == Moment.BEFORE && !method.getName().equals("close")) {
            throw fault(method);
        }
        Object answer = invoke(inner, method, arguments);
        if (broken) {
            if (answer instanceof Connection connection) {
                connection.close();
            }
            throw fault(method);
        }
        return answer;
    }

    private SQLException fault(Method method) {
        hit = method.getDeclaringClass().getSimpleName() + "." + method.getName();
        return error.get();
    }
}
