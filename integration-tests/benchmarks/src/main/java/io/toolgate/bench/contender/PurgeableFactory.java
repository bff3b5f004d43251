package io.toolgate.bench.contender;

/** A contender that forgets keys after their retention, by a purge that may run beside the calls. */
public interface PurgeableFactory extends ContenderFactory {
    /** Adds {@code rows} rows as runs leave them that ended long ago, with random keys, all to be purged, in one statement. */
    void fillForgotten(BenchDatabase database, long rows) throws Exception;

    /** Opens a purge of its own, as a job of its own would. */
    Purge openPurge(BenchDatabase database) throws Exception;

    /** Purges. For one thread. */
    interface Purge extends AutoCloseable {
        /** Purges up to {@code limit} rows, at the contender's own pace. Returns how many; fewer than asked when none is left. */
        int purge(int limit) throws Exception;

        @Override
        void close() throws Exception;
    }
}
