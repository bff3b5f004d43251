package io.toolgate.store.contract;

import io.toolgate.store.IdempotencyRecord;
import io.toolgate.store.IdempotencyStore;
import io.toolgate.store.Rows;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Adapter of a store to the contract: one database, empty at first, and ways to open stores on it, to read it and to
 * let its time pass. Created for each test.
 */
public interface StoreUnderTest extends AutoCloseable {

    /**
     * A feature that not every store has. A test that needs a missing one is reported as aborted, with this as the
     * reason.
     */
    enum Capability {
        /** A subscriber is notified soon after a record ended, without polling, also where another store ended it. */
        PUSHES_HINTS,
        /** A decision outlives a later record of its key that has a shorter retention. */
        REMEMBERS_BEYOND_THE_RECORD,
        /** Rows can be written in the transaction of a result; needs {@link #row} and {@link #rows}. */
        WRITES_ROWS
    }

    /**
     * Opens one more store on the database, as one more process would. The contract closes it, maybe before the test is
     * over and maybe twice.
     */
    IdempotencyStore open();

    /**
     * Lets {@code step} pass for the database: moves the clock that the stores use, or, where that is the database's
     * own, moves every time of every record, checkpoint and decision back. No operation is under way meanwhile. The
     * step is a whole number of milliseconds.
     */
    void advance(Duration step);

    /** Every record as it stands, read in whatever way; no operation is under way meanwhile. */
    List<IdempotencyRecord> dump();

    /** The features of the store; all without an override. */
    default Set<Capability> capabilities() {
        return Set.of(Capability.values());
    }

    /**
     * The database's time, if it stands still between calls of {@link #advance}: then the contract compares times
     * exactly. Empty without an override: then it compares them within a tolerance, and not over an {@link #advance}.
     */
    default Optional<Instant> standingClock() {
        return Optional.empty();
    }

    /** A row of a table of the test's own, with this text, to be written with a result. */
    default Rows<?> row(String text) {
        throw new UnsupportedOperationException("without the capability WRITES_ROWS");
    }

    /** The texts of all rows that were committed, in any order; none of them is a part of the store. */
    default List<String> rows() {
        throw new UnsupportedOperationException("without the capability WRITES_ROWS");
    }

    /** How soon a hint is expected where the store pushes them; ten seconds without an override. */
    default Duration patience() {
        return Duration.ofSeconds(10);
    }

    /**
     * The author's own checks, after each test and with the stores still open: no connection leaked, no unexpected
     * warning logged. Throws an {@link AssertionError} to fail the test.
     */
    default void check() throws Exception {}

    /** Closes the database; called after each test. */
    @Override
    void close() throws Exception;
}
