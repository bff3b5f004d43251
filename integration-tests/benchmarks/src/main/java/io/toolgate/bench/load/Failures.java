package io.toolgate.bench.load;

import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/** Keeps the first exception of several threads. Safe for use by many threads. */
public final class Failures {
    private final AtomicReference<@Nullable Exception> first = new AtomicReference<>();

    /** Without an exception so far. */
    public Failures() {}

    /** Work that may fail. */
    @FunctionalInterface
    public interface Work {
        /** Does it. */
        void run() throws Exception;
    }

    /** Runs {@code work}, and keeps its exception if it is the first. */
    public void catching(Work work) {
        try {
            work.run();
        } catch (Exception e) {
            boolean unused = first.compareAndSet(null, e);
        }
    }

    /** Whether there was an exception. */
    public boolean any() {
        return first.get() != null;
    }

    /** Throws the first exception, if there was one. */
    public void rethrow() throws Exception {
        Exception thrown = first.get();
        if (thrown != null) {
            throw thrown;
        }
    }
}
