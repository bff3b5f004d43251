package io.toolgate.race.fault;

import io.toolgate.race.process.Child;
import java.io.IOException;

public final class Signals {
    private Signals() {}

    public record Effect(long sentNanos, long nanos) {}

    public static Effect kill(Child c) throws IOException, InterruptedException {
        long s = System.nanoTime();
        c.close();
        return new Effect(s, System.nanoTime());
    }

    public static Effect freeze(Child c) throws IOException, InterruptedException {
        long s = System.nanoTime();
        var unused = new ProcessBuilder("kill", "-STOP", "" + c.handle().pid())
                .start()
                .waitFor();
        return new Effect(s, System.nanoTime());
    }

    public static Effect thaw(Child c) throws IOException, InterruptedException {
        long s = System.nanoTime();
        var unused = new ProcessBuilder("kill", "-CONT", "" + c.handle().pid())
                .start()
                .waitFor();
        return new Effect(s, System.nanoTime());
    }
}
