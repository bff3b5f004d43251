package io.toolgate.store.contract;

import static org.assertj.core.api.Assertions.assertThat;

import io.toolgate.store.IdempotencyRecord;
import io.toolgate.store.IdempotencyStore;
import io.toolgate.store.RecordId;
import io.toolgate.store.Rows;
import io.toolgate.store.contract.StoreUnderTest.Capability;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Assumptions;

/** Opens and observes the stores of one test, and validates them after it. */
final class Fixture implements AutoCloseable {
    private final StoreUnderTest underTest;
    private final Observations observations = new Observations();
    private final List<IdempotencyStore> opened = new ArrayList<>();

    Fixture(StoreUnderTest underTest) {
        this.underTest = underTest;
    }

    /** The store that most of a test uses. */
    IdempotencyStore first() {
        return numbered(0);
    }

    /** Another store on the same database, as another process has it. */
    IdempotencyStore second() {
        return numbered(1);
    }

    private IdempotencyStore numbered(int index) {
        while (opened.size() <= index) {
            open();
        }
        return opened.get(index);
    }

    /**
     * One more store on the same database, whose answers are not observed, for tests that have a stricter expectation.
     */
    IdempotencyStore openUnobserved() {
        IdempotencyStore store = underTest.open();
        opened.add(store);
        return store;
    }

    /** One more store on the same database. */
    IdempotencyStore open() {
        IdempotencyStore store = new ObservedStore(underTest.open(), observations);
        opened.add(store);
        return store;
    }

    void advance(Duration step) {
        observations.advanced(step);
        underTest.advance(step);
    }

    List<IdempotencyRecord> dump() {
        return underTest.dump();
    }

    /** The record as it stands, without the time at which it was read. */
    Optional<IdempotencyRecord> stored(RecordId id) {
        return dump().stream()
                .filter(record -> record.id().equals(id))
                .map(record -> record.asOf(Instant.EPOCH))
                .findFirst();
    }

    Optional<Instant> standingClock() {
        return underTest.standingClock();
    }

    Duration patience() {
        return underTest.patience();
    }

    Rows<?> row(String text) {
        return underTest.row(text);
    }

    List<String> rows() {
        return underTest.rows();
    }

    boolean can(Capability capability) {
        return underTest.capabilities().contains(capability);
    }

    void assume(Capability capability) {
        Assumptions.assumeTrue(can(capability), () -> "this store lacks the capability " + capability);
    }

    /** What must hold after every test. */
    void verify() throws Exception {
        assertThat(observations.problems(dump()))
                .as("the whole store, after the test")
                .isEmpty();
        underTest.check();
    }

    @Override
    public void close() throws Exception {
        try {
            opened.forEach(IdempotencyStore::close);
        } finally {
            underTest.close();
        }
    }
}
