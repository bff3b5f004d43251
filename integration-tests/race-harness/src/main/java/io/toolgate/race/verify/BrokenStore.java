package io.toolgate.race.verify;

import io.toolgate.Failure;
import io.toolgate.race.racer.RuntimeUnderTest;
import io.toolgate.store.ClaimOutcome;
import io.toolgate.store.ClaimRequest;
import io.toolgate.store.IdempotencyRecord;
import io.toolgate.store.IdempotencyStore;
import io.toolgate.store.Lease;
import io.toolgate.store.Payload;
import io.toolgate.store.RecordId;
import io.toolgate.store.RecordState;
import io.toolgate.store.Subscription;
import io.toolgate.store.TransitionOutcome;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/** Runtimes whose store says something else than it did. */
final class BrokenStore {
    private BrokenStore() {}

    /** A completion is acknowledged first and committed a little later. */
    public static final class AcknowledgesBeforeCommit implements RuntimeUnderTest {
        private static final long LATER_MILLIS = 150;

        /** Made by name. */
        public AcknowledgesBeforeCommit() {}

        @Override
        public IdempotencyStore store(IdempotencyStore store) {
            Executor later = CompletableFuture.delayedExecutor(LATER_MILLIS, TimeUnit.MILLISECONDS);
            return new Around(store) {
                @Override
                public TransitionOutcome complete(Lease lease, Payload result) {
                    CompletableFuture<TransitionOutcome> unused =
                            CompletableFuture.supplyAsync(() -> super.complete(lease, result), later);
                    return new TransitionOutcome.Applied(
                            RecordState.IN_PROGRESS, RecordState.COMPLETED, 2, Instant.EPOCH);
                }
            };
        }
    }

    /** Heartbeats are not sent, and every lease is said to be owned for ever. */
    public static final class NoHeartbeat implements RuntimeUnderTest {
        /** Made by name. */
        public NoHeartbeat() {}

        @Override
        public IdempotencyStore store(IdempotencyStore store) {
            return new Around(store) {
                @Override
                public Set<Lease> heartbeat(Collection<Lease> leases, Duration lease) {
                    return Set.copyOf(leases);
                }
            };
        }
    }

    /** A replay is not what was stored. */
    public static final class ReplaysOtherBytes implements RuntimeUnderTest {
        /** Made by name. */
        public ReplaysOtherBytes() {}

        @Override
        public IdempotencyStore store(IdempotencyStore store) {
            return new Around(store) {
                @Override
                public ClaimOutcome claim(ClaimRequest request) {
                    ClaimOutcome outcome = super.claim(request);
                    return outcome instanceof ClaimOutcome.Finished finished
                            ? new ClaimOutcome.Finished(altered(finished.record()))
                            : outcome;
                }
            };
        }

        private static IdempotencyRecord altered(IdempotencyRecord record) {
            Payload result = record.result();
            if (result == null || !result.isAvailable() || result.isNull() || result.size() == 0) {
                return record;
            }
            byte[] bytes = result.bytes();
            bytes[bytes.length - 1]++;
            return new IdempotencyRecord(
                    record.id(),
                    record.state(),
                    record.fence(),
                    record.version(),
                    record.token(),
                    record.owner(),
                    record.leaseUntil(),
                    record.fingerprint(),
                    Payload.of(result.codec(), bytes),
                    record.failure(),
                    record.createdAt(),
                    record.updatedAt(),
                    record.expiresAt(),
                    record.readAt());
        }
    }

    /** Passes everything on. */
    private static class Around implements IdempotencyStore {
        private final IdempotencyStore store;

        Around(IdempotencyStore store) {
            this.store = store;
        }

        @Override
        public ClaimOutcome claim(ClaimRequest request) {
            return store.claim(request);
        }

        @Override
        public Set<Lease> heartbeat(Collection<Lease> leases, Duration lease) {
            return store.heartbeat(leases, lease);
        }

        @Override
        public TransitionOutcome complete(Lease lease, Payload result) {
            return store.complete(lease, result);
        }

        @Override
        public TransitionOutcome fail(Lease lease, Failure failure) {
            return store.fail(lease, failure);
        }

        @Override
        public Optional<IdempotencyRecord> peek(RecordId id) {
            return store.peek(id);
        }

        @Override
        public Map<RecordId, IdempotencyRecord> peekAll(Collection<RecordId> ids) {
            return store.peekAll(ids);
        }

        @Override
        public Subscription subscribe(Consumer<RecordId> ended) {
            return store.subscribe(ended);
        }

        @Override
        public List<IdempotencyRecord> findUnfinished(Duration olderThan, int limit) {
            return store.findUnfinished(olderThan, limit);
        }

        @Override
        public int purge(int limit) {
            return store.purge(limit);
        }

        @Override
        public void close() {
            store.close();
        }
    }
}
