package io.toolgate.bench.wakeup;

import io.toolgate.bench.load.Keys;
import io.toolgate.bench.load.Latencies;
import java.time.Duration;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.Stream;

/**
 * Rounds in which one party runs some keys, another waits for them, and the runs end together. Measures how long after
 * its owner's return each waiter returned. For one thread.
 */
public final class WakeupRounds {
    /** Short, for many rounds: they compile the code. */
    private static final Duration WARMUP_ACTION = Duration.ofMillis(1);

    private final Party owner;
    private final Party waiter;
    private final int keysAtATime;
    private final Keys keys;
    private final SplittableRandom random;
    private Latencies latencies = new Latencies();
    private long early;

    /** Rounds with {@code keysAtATime} keys each. */
    public WakeupRounds(Party owner, Party waiter, int keysAtATime, long seed) {
        this.owner = owner;
        this.waiter = waiter;
        this.keysAtATime = keysAtATime;
        this.keys = new Keys(seed);
        this.random = new SplittableRandom(seed);
    }

    /**
     * Runs one round.
     *
     * @param action how long an owner runs at least; a random time up to as long again is added, so that no poll falls
     *     into step
     */
    public void play(Duration action) throws Exception {
        List<String> mine = Stream.generate(keys::next).limit(keysAtATime).toList();
        owner.own(mine);
        waiter.await(mine);
        Thread.sleep(action.toMillis() + random.nextLong(action.toMillis() + 1));
        List<Long> finished = owner.finish();
        List<Long> answered = waiter.answered();
        for (int i = 0; i < keysAtATime; i++) {
            long late = answered.get(i) - finished.get(i);
            early += late < 0 ? 1 : 0;
            latencies.add(late);
        }
    }

    /**
     * Runs short rounds for {@code warmup} without measuring: until the code is compiled, compilation delays waiters.
     */
    public void warmUp(Duration warmup) throws Exception {
        long until = System.nanoTime() + warmup.toNanos();
        while (System.nanoTime() - until < 0) {
            play(WARMUP_ACTION);
        }
        latencies = new Latencies();
        early = 0;
    }

    /** Latencies of waiters since their owners returned. */
    public Latencies latencies() {
        return latencies;
    }

    /** The number of waiters that returned before their owner. */
    public long early() {
        return early;
    }
}
