package io.toolgate.bench.run;

import java.time.Duration;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.Stream;

/**
 * Rounds in which one party owns some keys, another waits for them, and they end at once; and how long after each owner's
 * return its waiter was answered. For one thread.
 */
final class WakeupRounds {
    /** The shorter, the more rounds until all code is compiled that they run. */
    private static final Duration WARMUP_ACTION = Duration.ofMillis(1);

    private final Party owner;
    private final Party waiter;
    private final int keysAtATime;
    private final Keys keys;
    private final SplittableRandom random;
    private Latencies latencies = new Latencies();
    private long early;

    /** Makes ready. */
    WakeupRounds(Party owner, Party waiter, int keysAtATime, long seed) {
        this.owner = owner;
        this.waiter = waiter;
        this.keysAtATime = keysAtATime;
        this.keys = new Keys(seed);
        this.random = new SplittableRandom(seed);
    }

    /**
     * Plays one.
     *
     * @param action how long an owner runs at least; a random time up to as long again is added, so that polls do not keep
     *     step
     */
    void play(Duration action) throws Exception {
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

    /** Plays quick rounds for so long, and forgets them: until all code is compiled, a waiting process is busy with that. */
    void warmUp(Duration warmup) throws Exception {
        long until = System.nanoTime() + warmup.toNanos();
        while (System.nanoTime() - until < 0) {
            play(WARMUP_ACTION);
        }
        latencies = new Latencies();
        early = 0;
    }

    Latencies latencies() {
        return latencies;
    }

    /** How many waiters were answered before their owner. */
    long early() {
        return early;
    }
}
