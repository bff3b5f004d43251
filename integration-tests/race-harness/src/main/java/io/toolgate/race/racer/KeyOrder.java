package io.toolgate.race.racer;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.SplittableRandom;

/** In which order the keys of a wave are called, drawn from the seed of the run. */
final class KeyOrder {
    /** Racers come to a key at about the same time, but not all to the same key at once. */
    static final int BLOCK = 8;

    private KeyOrder() {}

    /** The same shuffled order for all racers, in which each shuffles what is close together anew. */
    static List<String> of(Work work, long seed, int process, int life) {
        List<String> order = new ArrayList<>(work.keys());
        Collections.shuffle(order, new Random(scrambled(seed, work.wave())));
        Random own = new Random(scrambled(seed + work.wave(), 100 * process + life));
        for (int from = 0; from < order.size(); from += BLOCK) {
            Collections.shuffle(order.subList(from, Math.min(from + BLOCK, order.size())), own);
        }
        return order;
    }

    /** The keys in so many parts, or fewer if there are fewer keys, each key in one of them. */
    static List<List<String>> split(List<String> keys, int parts) {
        List<List<String>> split = new ArrayList<>();
        int size = Math.max(1, (keys.size() + parts - 1) / parts);
        for (int from = 0; from < keys.size(); from += size) {
            split.add(keys.subList(from, Math.min(from + size, keys.size())));
        }
        return split;
    }

    /** Neighbouring seeds give {@link Random}s that begin alike, so they are scrambled first. */
    private static long scrambled(long seed, int which) {
        return new SplittableRandom(seed + 1_000_003L * which).nextLong();
    }
}
