package io.toolgate.bench.load;

import java.util.SplittableRandom;
import java.util.UUID;

/** Keys as clients send them: random UUIDs, drawn from a seed. For one thread. */
public final class Keys {
    private final SplittableRandom random;

    /** Keys drawn from {@code seed}. */
    public Keys(long seed) {
        this.random = new SplittableRandom(seed);
    }

    /** The next key. */
    public String next() {
        return new UUID(random.nextLong(), random.nextLong()).toString();
    }
}
