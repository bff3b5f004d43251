package io.toolgate.store.jdbc.internal.operation;

import io.toolgate.store.jdbc.internal.sql.Dialect;
import io.toolgate.store.jdbc.internal.sql.Parameters;
import io.toolgate.store.jdbc.internal.sql.RetryLoop;
import io.toolgate.store.jdbc.internal.sql.RetryLoop.OnInterrupt;
import io.toolgate.store.jdbc.internal.sql.SqlFiles.Name;
import io.toolgate.store.jdbc.internal.sql.SqlRunner;
import java.util.List;
import java.util.Objects;
import java.util.UUID;
import java.util.concurrent.locks.LockSupport;
import java.util.function.IntUnaryOperator;
import java.util.function.LongConsumer;
import java.util.function.LongSupplier;

/**
 * Deletes records whose retention is over, with their checkpoints and history, in small batches with rests in between.
 */
public final class Purge {
    private final SqlRunner sql;
    private final RetryLoop retries;
    private final Batches batches;

    public Purge(SqlRunner sql, RetryLoop retries) {
        this.sql = sql;
        this.retries = retries;
        this.batches = Batches.of(sql.dialect(), System::nanoTime, Purge::rest);
    }

    /** Purges. An interrupt ends it after the batch under way, with the flag set: without rests it would go on. */
    public int purge(int limit) {
        int deleted = batches.run(limit, this::records);
        if (!Thread.currentThread().isInterrupted()) {
            int unused = batches.run(limit, this::history);
        }
        return deleted;
    }

    /** Waits for so many nanoseconds, or until an interrupt. */
    private static void rest(long nanos) {
        long until = System.nanoTime() + nanos;
        long left;
        while ((left = until - System.nanoTime()) > 0 && !Thread.currentThread().isInterrupted()) {
            LockSupport.parkNanos(left);
        }
    }

    private int records(int most) {
        return retries.run("a purge", OnInterrupt.STOP, () -> {
            if (sql.dialect() == Dialect.SQLITE) {
                return sql.transaction(transaction -> recordsWithDependents(transaction, most));
            }
            return sql.write(Name.PURGE, s -> s.bind("limit", most), row -> row.getInt("purged"))
                    .get(0);
        });
    }

    private int recordsWithDependents(SqlRunner.Transaction transaction, int most) {
        List<UUID> ids = transaction.write(
                Name.PURGE,
                s -> s.bindNow().bind("limit", most),
                row -> Objects.requireNonNull(sql.dialect().uuid(row, "record_id")));
        if (!ids.isEmpty()) {
            String json = Parameters.json(ids);
            transaction.update(Name.PURGE_CHECKPOINTS, s -> s.bind("ids", json));
            transaction.update(Name.PURGE_DECISIONS, s -> s.bindNow().bind("ids", json));
        }
        return ids.size();
    }

    private int history(int most) {
        return retries.run(
                "a purge",
                OnInterrupt.STOP,
                () -> sql.update(Name.PURGE_HISTORY, s -> s.bindNow().bind("limit", most)));
    }

    /**
     * The batches of a purge, each followed by a rest that lasts a multiple of the batch, so that most of the time is
     * left to callers. On SQLite batches are smaller, since each holds the one lock for writers.
     */
    static final class Batches {
        private static final int REST_FACTOR = 12;
        private static final long LONGEST_REST_NANOS = 2_000_000_000L;

        private final int size;
        private final int restFactor;
        private final LongSupplier nanoTime;
        private final LongConsumer rest;

        /**
         * Batches that measure time by {@code nanoTime}.
         *
         * @param size the most records of one batch, which bounds its locks and its log
         * @param restFactor the length of a rest, in lengths of the batch before it
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
         * Runs {@code batch}, which deletes at most the given number of records and returns the number deleted, until
         * nothing is left, {@code limit} is reached or the thread is interrupted; returns how many were deleted.
         */
        int run(int limit, IntUnaryOperator batch) {
            int deleted = 0;
            int last;
            do {
                long from = nanoTime.getAsLong();
                last = batch.applyAsInt(Math.min(size, limit - deleted));
                deleted += last;
                // After the last one too: a caller with a small limit may purge again at once.
                if (last > 0) {
                    rest.accept(Math.min(LONGEST_REST_NANOS, restFactor * (nanoTime.getAsLong() - from)));
                }
                // Not "fewer than the batch size": another purge may have deleted some of those that this one found.
            } while (last > 0 && deleted < limit && !Thread.currentThread().isInterrupted());
            return deleted;
        }
    }
}
