package io.toolgate.store.jdbc;

import java.lang.reflect.Method;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;

/**
 * Breaks one JDBC call out of many, chosen by its number, before or after it has its effect. Calls that follow each
 * other to set parameters, or to read a row that is there already, are numbered as one: each of them fails with nothing
 * done since the first.
 */
final class FaultyDataSource extends InterceptedDataSource {
    /** When the call breaks. */
    enum Moment {
        /** Instead of its effect. */
        BEFORE,
        /** After its effect, so that only its answer is lost. */
        AFTER
    }

    /** What a call does to the server or to its connection. */
    private enum Kind {
        SETS_PARAMETERS,
        READS_ROW,
        OTHER
    }

    private final AtomicInteger calls = new AtomicInteger();
    private final AtomicReference<Kind> previous = new AtomicReference<>(Kind.OTHER);
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
        previous.set(Kind.OTHER);
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
        boolean broken = mayThrow && target >= 0 && isNumbered(method) && calls.getAndIncrement() == target;
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

    private boolean isNumbered(Method method) {
        Kind kind = kind(method);
        return previous.getAndSet(kind) != kind || kind == Kind.OTHER;
    }

    private static Kind kind(Method method) {
        String name = method.getName();
        if (method.getDeclaringClass() == ResultSet.class) {
            return name.startsWith("get") || name.equals("wasNull") ? Kind.READS_ROW : Kind.OTHER;
        }
        boolean setsParameters = (method.getDeclaringClass() == PreparedStatement.class && name.startsWith("set"))
                || (method.getDeclaringClass() == Statement.class && name.equals("getConnection"))
                || name.equals("createArrayOf");
        return setsParameters ? Kind.SETS_PARAMETERS : Kind.OTHER;
    }

    private SQLException fault(Method method) {
        hit = method.getDeclaringClass().getSimpleName() + "." + method.getName();
        return error.get();
    }
}
