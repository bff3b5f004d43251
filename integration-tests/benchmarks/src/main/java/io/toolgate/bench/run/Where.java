package io.toolgate.bench.run;

/** The place of a waiter, relative to the owner it waits for. */
public enum Where {
    /** In another process. */
    PROCESS("wakeup"),
    /** In the same process, with the same contender. */
    JVM("wakeup-same-jvm");

    private final String benchmark;

    Where(String benchmark) {
        this.benchmark = benchmark;
    }

    /** The name of its results. */
    String benchmark() {
        return benchmark;
    }
}
