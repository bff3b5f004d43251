package io.toolgate.store.contract;

import io.toolgate.store.IdempotencyRecord;
import io.toolgate.store.IdempotencyStore;
import io.toolgate.store.Rows;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/** Adapter of {@link ModelStore}, sound or broken, to the contract. */
public final class ModelStoreUnderTest implements StoreUnderTest {
    private final ManualClock clock = new ManualClock();
    private final ModelDatabase database = new ModelDatabase(clock);
    private final Function<ModelDatabase, ? extends ModelStore> opener;

    private final Duration patience;

    /** Stores that {@code opener} makes on one database. */
    public ModelStoreUnderTest(Function<ModelDatabase, ? extends ModelStore> opener) {
        this(opener, Duration.ofSeconds(10));
    }

    /** Stores that {@code opener} makes on one database, whose hints are waited for no longer than {@code patience}. */
    public ModelStoreUnderTest(Function<ModelDatabase, ? extends ModelStore> opener, Duration patience) {
        this.opener = opener;
        this.patience = patience;
    }

    @Override
    public IdempotencyStore open() {
        return opener.apply(database);
    }

    @Override
    public Duration patience() {
        return patience;
    }

    @Override
    public void advance(Duration step) {
        clock.advance(step);
    }

    @Override
    public List<IdempotencyRecord> dump() {
        Instant now = clock.instant();
        return database.dump().stream().map(record -> record.asOf(now)).toList();
    }

    @Override
    public Optional<Instant> standingClock() {
        return Optional.of(clock.instant());
    }

    @Override
    public Rows<?> row(String text) {
        return new Rows<>(ModelConnection.class, connection -> connection.write(text));
    }

    @Override
    public List<String> rows() {
        return database.written();
    }

    @Override
    public void close() {}
}
