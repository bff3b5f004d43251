package io.toolgate.store.memory;

import static org.assertj.core.api.Assertions.assertThat;

import io.toolgate.store.IdempotencyRecord;
import io.toolgate.store.IdempotencyStore;
import io.toolgate.store.Rows;
import io.toolgate.store.contract.IdempotencyStoreContract;
import io.toolgate.store.contract.ManualClock;
import io.toolgate.store.contract.StoreUnderTest;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.StringJoiner;

/** The contract, run on the memory store. */
class MemoryStoreContractTest extends IdempotencyStoreContract {
    @Override
    protected StoreUnderTest newStore() {
        ManualClock clock = new ManualClock();
        List<String> rows = Collections.synchronizedList(new ArrayList<>());
        MemoryIdempotencyStore store = MemoryIdempotencyStore.builder()
                .clock(clock)
                .transactions(StringJoiner.class, new BufferedRows(rows))
                .build();
        return new StoreUnderTest() {
            @Override
            public IdempotencyStore open() {
                return new SharedStore(store);
            }

            @Override
            public void advance(Duration step) {
                clock.advance(step);
            }

            @Override
            public List<IdempotencyRecord> dump() {
                return store.dump();
            }

            @Override
            public Set<Capability> capabilities() {
                return EnumSet.complementOf(EnumSet.of(Capability.REMEMBERS_BEYOND_THE_RECORD));
            }

            @Override
            public Optional<Instant> standingClock() {
                return Optional.of(clock.instant());
            }

            @Override
            public Rows<?> row(String text) {
                return new Rows<>(StringJoiner.class, connection -> connection.add(text));
            }

            @Override
            public List<String> rows() {
                return List.copyOf(rows);
            }

            @Override
            public void check() {
                assertThat(store.size()).as("size").isEqualTo(store.dump().size());
            }

            @Override
            public void close() {
                store.close();
            }
        };
    }

    /** Transactions that add what was written to a list when they are committed. */
    private record BufferedRows(List<String> rows) implements MemoryTransactions<StringJoiner> {
        @Override
        public StringJoiner begin() {
            return new StringJoiner("\n");
        }

        @Override
        public void commit(StringJoiner connection) {
            rows.addAll(connection.toString().lines().toList());
        }
    }
}
