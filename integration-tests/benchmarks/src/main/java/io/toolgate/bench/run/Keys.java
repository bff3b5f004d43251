package io.toolgate.bench.run;

import java.util.SplittableRandom;
import java.util.UUID;

/** Keys as clients send them: random UUIDs, drawn from a seed. For one thread. */
final class Keys {
    private final SplittableRandom random;

    Keys(long seed) {
        this.random = new SplittableRandom(seed);
    }

    String next() {
        return new UUID(random.nextLong(), random.nextLong()).toString();
    }
}
