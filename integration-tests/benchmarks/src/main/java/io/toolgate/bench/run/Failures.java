package io.toolgate.bench.run;

import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/** The first of the exceptions that threads throw. Safe for use by many threads. */
final class Failures {
    private final AtomicReference<@Nullable Exception> first = new AtomicReference<>();

    /** Work that may fail. */
    @FunctionalInterface
    interface Work {
        void run() throws Exception;
    }

    void catching(Work work) {
        try {
            work.run();
        } catch (Exception e) {
            boolean unused = first.compareAndSet(null, e);
        }
    }

    boolean any() {
        return first.get() != null;
    }

    void rethrow() throws Exception {
        Exception thrown = first.get();
        if (thrown != null) {
            throw thrown;
        }
    }
}
