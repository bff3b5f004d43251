package io.toolgate.bench.database;

import io.toolgate.bench.contender.BenchDatabase;
import io.toolgate.bench.contender.DatabaseKind;
import java.util.Map;

/** A database on which contenders are given places of their own. For one thread. */
public interface Places extends AutoCloseable {
    /** What it is. */
    DatabaseKind kind();

    /**
     * An empty place; {@link #drop} it.
     *
     * @param contender whose name it has, for people
     */
    BenchDatabase create(String contender) throws Exception;

    /** Removes a place with all that is in it. */
    void drop(BenchDatabase place) throws Exception;

    /** Pays for what was written so far, so that the next window does not: VACUUM ANALYZE and CHECKPOINT. */
    void settle() throws Exception;

    /** What a reader must know of it to trust a figure, as the database itself says it: its version, what makes it durable. */
    Map<String, Object> facts() throws Exception;

    /** Removes what is left of the run. */
    @Override
    void close() throws Exception;
}
