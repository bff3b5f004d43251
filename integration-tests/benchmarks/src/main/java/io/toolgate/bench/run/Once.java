package io.toolgate.bench.run;

import io.toolgate.bench.contender.Contender;
import java.util.concurrent.atomic.LongAdder;

/** Calls a contender and holds it to its word: each key's effect ran once, and everybody got its result. */
final class Once {
    static final String RECEIPT = "receipt";

    private final Contender contender;
    private final LongAdder calls = new LongAdder();
    private final LongAdder effects = new LongAdder();

    Once(Contender contender) {
        this.contender = contender;
    }

    /** Calls with an effect that is over at once. */
    void call(String key) throws Exception {
        check(contender.call(key, this::effect));
        calls.increment();
    }

    private String effect() {
        effects.increment();
        return RECEIPT;
    }

    static void check(String result) {
        if (!result.equals(RECEIPT)) {
            throw new IllegalStateException("it returned " + result + " and not the result of the run, " + RECEIPT);
        }
    }

    /** The number of keys that ran. */
    long effects() {
        return effects.sum();
    }

    /** Checks that as many effects ran as calls were made, each of which had a key of its own. */
    void checkEachRanOnce() {
        if (effects.sum() != calls.sum()) {
            throw new IllegalStateException(calls.sum() + " keys were called once each, and " + effects.sum()
                    + " effects ran: the figures are worth nothing");
        }
    }
}
