package io.toolgate.bench.load;

import io.toolgate.bench.contender.Contender;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.LongAdder;

/** Calls a contender and checks its guarantee: the effect of each key ran once, and every caller got its result. */
public final class Once {
    /** The result of every effect. */
    public static final String RECEIPT = "receipt";

    private final Contender contender;
    private final LongAdder calls = new LongAdder();
    private final LongAdder effects = new LongAdder();

    /** Calls {@code contender}. */
    public Once(Contender contender) {
        this.contender = contender;
    }

    /** Calls with an effect that ends at once. */
    public void call(String key) throws Exception {
        check(contender.call(key, this::effect));
        calls.increment();
    }

    private String effect() {
        effects.increment();
        return RECEIPT;
    }

    /** An effect that lasts until {@code end}. */
    public static String effectUntil(CountDownLatch end) {
        try {
            end.await();
            return RECEIPT;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("the benchmark was stopped", e);
        }
    }

    /** Fails unless {@code result} is the result of the run. */
    public static void check(String result) {
        if (!result.equals(RECEIPT)) {
            throw new IllegalStateException(
                    "the contender returned " + result + " and not the result of the run, " + RECEIPT);
        }
    }

    /** The number of keys that ran. */
    public long effects() {
        return effects.sum();
    }

    /** Fails unless as many effects ran as calls were made, each with a key of its own. */
    public void checkEachRanOnce() {
        if (effects.sum() != calls.sum()) {
            throw new IllegalStateException(calls.sum() + " keys were called once each, and " + effects.sum()
                    + " effects ran: the figures are invalid");
        }
    }
}
