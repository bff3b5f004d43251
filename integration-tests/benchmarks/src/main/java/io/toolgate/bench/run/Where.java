package io.toolgate.bench.run;

/** Where a waiter is, seen from the owner it waits for. */
public enum Where {
    /** In another process. */
    PROCESS("wakeup"),
    /** In the same one, at the same contender. */
    JVM("wakeup-same-jvm");

    private final String benchmark;

    Where(String benchmark) {
        this.benchmark = benchmark;
    }

    /** What results that are measured so are called. */
    String benchmark() {
        return benchmark;
    }
}
