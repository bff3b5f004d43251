package io.toolgate.store.memory;

import static org.assertj.core.api.Assertions.assertThat;

import io.toolgate.store.IdempotencyRecord;
import io.toolgate.store.IdempotencyStore;
import io.toolgate.store.contract.IdempotencyStoreContract;
import io.toolgate.store.contract.ManualClock;
import io.toolgate.store.contract.StoreUnderTest;
import java.time.Duration;
import java.time.Instant;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** The contract, run on the memory store. */
class MemoryStoreContractTest extends IdempotencyStoreContract {
    @Override
    protected StoreUnderTest newStore() {
        ManualClock clock = new ManualClock();
        MemoryIdempotencyStore store =
                MemoryIdempotencyStore.builder().clock(clock).build();
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
            public void check() {
                assertThat(store.size()).as("size").isEqualTo(store.dump().size());
            }

            @Override
            public void close() {
                store.close();
            }
        };
    }
}
