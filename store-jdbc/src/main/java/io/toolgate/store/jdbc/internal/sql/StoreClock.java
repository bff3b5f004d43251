package io.toolgate.store.jdbc.internal.sql;

import java.time.Instant;

/** The clock by which a store grants and judges leases, where its database has none of its own. */
public interface StoreClock {
    /** Milliseconds since 1970, the same for every process that shares the store. */
    long nowMillis();

    /** By how much {@link #nowMillis()} may lag behind; leases are made that much longer, never shorter. */
    default long granularityMillis() {
        return 0;
    }

    /** A placeholder where the database's own clock decides. */
    static StoreClock none() {
        return () -> {
            throw new IllegalStateException("this database has a clock of its own; its statements read it");
        };
    }

    /** The time as an instant. */
    default Instant now() {
        return Instant.ofEpochMilli(nowMillis());
    }
}
