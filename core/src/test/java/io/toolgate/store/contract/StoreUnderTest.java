package io.toolgate.store.contract;

import io.toolgate.store.IdempotencyRecord;
import io.toolgate.store.IdempotencyStore;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * What the contract needs from the author of a store: one database, empty at first, and ways to open stores on it, to
 * look at it and to let its time pass. Made afresh for each test.
 */
public interface StoreUnderTest extends AutoCloseable {

    /** What not every store can do. A test that needs what a store lacks is reported as aborted, with this as the reason. */
    enum Capability {
        /** A subscriber is told soon after a record ended, without polling, also by what another store did. */
        PUSHES_HINTS,
        /** What was decided about a key outlives a record that is forgotten earlier than the one that was decided about. */
        REMEMBERS_BEYOND_THE_RECORD
    }

    /**
     * Opens one more store on the database, as one more process would. The contract closes it, maybe before the test is
     * over and maybe twice.
     */
    IdempotencyStore open();

    /**
     * Lets {@code step} pass for the database: moves the clock that the stores use, or, where that is the database's own,
     * moves every time in every row back, be it of a record, a checkpoint or a decision. No operation is under way meanwhile. The step is a whole number of milliseconds.
     */
    void advance(Duration step);

    /** Every record as it stands, read in whatever way; no operation is under way meanwhile. */
    List<IdempotencyRecord> dump();

    /** What the store can do; everything without an override. */
    default Set<Capability> capabilities() {
        return Set.of(Capability.values());
    }

    /**
     * The database's time, if it stands still between calls of {@link #advance}: then the contract compares times exactly.
     * Empty without an override: then it compares them within a tolerance, and not over an {@link #advance}.
     */
    default Optional<Instant> standingClock() {
        return Optional.empty();
    }

    /** How soon a hint is expected where the store pushes them; ten seconds without an override. */
    default Duration patience() {
        return Duration.ofSeconds(10);
    }

    /**
     * The author's own checks, after each test and with the stores still open: no connection leaked, no unexpected warning
     * logged. Throws an {@link AssertionError} to fail the test.
     */
    default void check() throws Exception {}

    /** Lets go of the database; after each test. */
    @Override
    void close() throws Exception;
}
