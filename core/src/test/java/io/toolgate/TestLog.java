package io.toolgate;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.lang.reflect.Field;
import java.nio.charset.StandardCharsets;
import java.util.IdentityHashMap;
import java.util.Map;
import org.slf4j.ILoggerFactory;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.EventConstants;

/** What is logged, at the level of the tests, which is WARN. */
public final class TestLog {
    private static final int INFO = EventConstants.INFO_INT;

    private TestLog() {}

    /** What all threads log during {@code call}. */
    public static String of(Runnable call) {
        PrintStream before = System.err;
        ByteArrayOutputStream log = new ByteArrayOutputStream();
        System.setErr(new PrintStream(log, true, StandardCharsets.UTF_8));
        try {
            call.run();
        } finally {
            System.setErr(before);
        }
        return log.toString(StandardCharsets.UTF_8).replace("\r", "");
    }

    /** As {@link #of}, at INFO. */
    public static String atInfo(Runnable call) {
        ILoggerFactory factory = LoggerFactory.getILoggerFactory();
        Object defaults = value(LoggerFactory.getLogger(TestLog.class), "CONFIG_PARAMS");
        Map<Object, Integer> before = new IdentityHashMap<>();
        before.put(defaults, (Integer) value(defaults, "defaultLogLevel"));
        for (Object logger : ((Map<?, ?>) value(factory, "loggerMap")).values()) {
            before.put(logger, (Integer) value(logger, "currentLogLevel"));
        }
        try {
            before.keySet().forEach(each -> setLevel(each, INFO));
            return of(call);
        } finally {
            // Also of loggers that are new.
            int usual = before.get(defaults);
            ((Map<?, ?>) value(factory, "loggerMap"))
                    .values()
                    .forEach(each -> setLevel(each, before.getOrDefault(each, usual)));
            setLevel(defaults, usual);
        }
    }

    private static Object value(Object of, String name) {
        try {
            return field(of, name).get(of);
        } catch (ReflectiveOperationException e) {
            throw new AssertionError(e);
        }
    }

    private static void setLevel(Object of, int level) {
        try {
            field(of, of instanceof Logger ? "currentLogLevel" : "defaultLogLevel")
                    .set(of, level);
        } catch (ReflectiveOperationException e) {
            throw new AssertionError(e);
        }
    }

    private static Field field(Object of, String name) throws NoSuchFieldException {
        Field field = of.getClass().getDeclaredField(name);
        field.setAccessible(true);
        return field;
    }
}
