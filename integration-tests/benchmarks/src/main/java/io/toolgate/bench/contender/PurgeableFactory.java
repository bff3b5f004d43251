package io.toolgate.bench.contender;

/** A contender that deletes keys after their retention, with a purge that may run beside calls. */
public interface PurgeableFactory extends ContenderFactory {
    /** Adds {@code rows} rows past their retention, as finished runs leave them, with random keys, in one statement. */
    void fillExpired(BenchDatabase database, long rows) throws Exception;

    /** Opens a purge with connections of its own, as a separate job has. */
    Purge openPurge(BenchDatabase database) throws Exception;

    /** Purges. For one thread. */
    interface Purge extends AutoCloseable {
        /**
         * Purges up to {@code limit} rows at the contender's own pace; gives their number, which is lower when none is
         * left.
         */
        int purge(int limit) throws Exception;

        @Override
        void close() throws Exception;
    }
}
