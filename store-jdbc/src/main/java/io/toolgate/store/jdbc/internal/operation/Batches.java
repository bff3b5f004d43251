package io.toolgate.store.jdbc.internal.operation;

import io.toolgate.store.jdbc.internal.sql.Dialect;
import java.util.function.IntUnaryOperator;
import java.util.function.LongConsumer;
import java.util.function.LongSupplier;

/**
 * The batches of a purge, one after another, with a rest after each that lasts a multiple of what it took, so that it leaves
 * most of the time to those who claim: it works for a thirteenth of the time, on SQLite in smaller pieces, since it holds the one
 * lock for writers meanwhile. On PostgreSQL a third of the time cost 16 callers, on two cores, a quarter of their rate.
 */
public final class Batches {
    private static final int REST_FACTOR = 12;
    private static final long LONGEST_REST_NANOS = 2_000_000_000L;

    private final int size;
    private final int restFactor;
    private final LongSupplier nanoTime;
    private final LongConsumer rest;

    /**
     * Batches that tell the time by {@code nanoTime}.
     *
     * @param size how many records one of them deletes at most, so that its locks and its log come in small portions
     * @param restFactor how many times as long as a batch the rest after it is
     * @param rest waits for so many nanoseconds, or less
     */
    Batches(int size, int restFactor, LongSupplier nanoTime, LongConsumer rest) {
        this.size = size;
        this.restFactor = restFactor;
        this.nanoTime = nanoTime;
        this.rest = rest;
    }

    static Batches of(Dialect dialect, LongSupplier nanoTime, LongConsumer rest) {
        return switch (dialect) {
            case POSTGRESQL -> new Batches(500, REST_FACTOR, nanoTime, rest);
            case SQLITE -> new Batches(100, REST_FACTOR, nanoTime, rest);
        };
    }

    /**
     * Runs {@code batch}, which deletes at most as many records as it is told and returns how many it did, until nothing is left
     * or {@code limit} is reached; returns how many were deleted.
     */
    int run(int limit, IntUnaryOperator batch) {
        int deleted = 0;
        int last;
        do {
            long from = nanoTime.getAsLong();
            last = batch.applyAsInt(Math.min(size, limit - deleted));
            deleted += last;
            // After the last one too: who purges little at a time may do so again at once.
            if (last > 0) {
                rest.accept(Math.min(LONGEST_REST_NANOS, restFactor * (nanoTime.getAsLong() - from)));
            }
            // Not "less than asked for": another purge may have deleted some of those this one had found.
        } while (last > 0 && deleted < limit);
        return deleted;
    }
}
