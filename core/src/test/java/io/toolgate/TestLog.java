package io.toolgate;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;

/** What is logged, at the level of the tests, which is WARN. */
public final class TestLog {
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
}
