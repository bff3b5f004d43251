package io.toolgate.race.racer;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.SplittableRandom;

/** Random order in which a racer calls the keys of a wave, drawn from the seed of the run. */
final class KeyOrder {
    /** Racers reach a key at about the same time, but not all of them at the same moment. */
    static final int BLOCK = 8;

    private KeyOrder() {}

    /** Returns the shuffled order that all racers share, with each block of keys shuffled again by each racer. */
    static List<String> of(Work work, long seed, int process, int life) {
        List<String> order = new ArrayList<>(work.keys());
        Collections.shuffle(order, new Random(scrambled(seed, work.wave())));
        Random own = new Random(scrambled(seed + work.wave(), 100 * process + life));
        for (int from = 0; from < order.size(); from += BLOCK) {
            Collections.shuffle(order.subList(from, Math.min(from + BLOCK, order.size())), own);
        }
        return order;
    }

    /** Splits the keys into at most {@code parts} parts. */
    static List<List<String>> split(List<String> keys, int parts) {
        List<List<String>> split = new ArrayList<>();
        int size = Math.max(1, (keys.size() + parts - 1) / parts);
        for (int from = 0; from < keys.size(); from += size) {
            split.add(keys.subList(from, Math.min(from + size, keys.size())));
        }
        return split;
    }

    /** Scrambles a seed, because neighbouring seeds make {@link Random}s with similar first values. */
    private static long scrambled(long seed, int which) {
        return new SplittableRandom(seed + 1_000_003L * which).nextLong();
    }
}
