package io.toolgate.race.racer;

import java.io.OutputStream;
import java.io.PrintStream;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/** What a racer says, kept for a test. */
final class Words extends PrintStream {
    private final BlockingQueue<String> lines = new LinkedBlockingQueue<>();

    Words() {
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

    boolean areOver() {
        return lines.isEmpty();
    }
}
