package io.toolgate.race.fault;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.locks.LockSupport;

/**
 * Program that prints, for each line of its input, one line with its clocks: wall-clock milliseconds since 1970, then
 * monotonic nanoseconds before and after a wait of {@value #WAIT_MILLIS} ms.
 */
final class WallClock {
    /** How long it waits. */
    static final long WAIT_MILLIS = 20;

    private WallClock() {}

    /** Runs until its input ends. */
    public static void main(String[] args) throws IOException {
        try (BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8))) {
            while (in.readLine() != null) {
                long millis = System.currentTimeMillis();
                long before = System.nanoTime();
                LockSupport.parkNanos(WAIT_MILLIS * 1_000_000);
                System.out.println(millis + " " + before + " " + System.nanoTime());
            }
        }
    }
}
