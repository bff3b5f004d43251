package io.toolgate.bench.database;

import io.toolgate.bench.contender.BenchDatabase;
import io.toolgate.bench.contender.DatabaseKind;
import java.util.Map;

/** A database that makes places, databases for one contender each. For one thread. */
public interface Places extends AutoCloseable {
    /** Its kind. */
    DatabaseKind kind();

    /**
     * An empty place; {@link #drop} it.
     *
     * @param contender name to show in the place's name
     */
    BenchDatabase create(String contender) throws Exception;

    /** Removes a place and its contents. */
    void drop(BenchDatabase place) throws Exception;

    /** Settles earlier writes before the next window: VACUUM ANALYZE and CHECKPOINT. */
    void settle() throws Exception;

    /** Facts for the report, as the database states them: its version, and the settings of durability. */
    Map<String, Object> facts() throws Exception;

    /** Removes all places that are left. */
    @Override
    void close() throws Exception;
}
