package io.toolgate.race.racer;

import java.io.OutputStream;
import java.io.PrintStream;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/** The standard output of a racer, line by line, for a test. */
final class CapturedOutput extends PrintStream {
    private final BlockingQueue<String> lines = new LinkedBlockingQueue<>();

    CapturedOutput() {
        super(OutputStream.nullOutputStream());
    }

    @Override
    public void println(String line) {
        lines.add(line);
    }

    /** The next line; null if none comes. */
    String next() throws InterruptedException {
        return lines.poll(30, TimeUnit.SECONDS);
    }

    boolean isEmpty() {
        return lines.isEmpty();
    }
}
