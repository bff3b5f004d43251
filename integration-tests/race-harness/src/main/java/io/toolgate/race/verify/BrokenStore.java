package io.toolgate.race.verify;

import io.toolgate.race.racer.RuntimeUnderTest;
import io.toolgate.store.ClaimOutcome;
import io.toolgate.store.ClaimRequest;
import io.toolgate.store.ForwardingStore;
import io.toolgate.store.IdempotencyRecord;
import io.toolgate.store.IdempotencyStore;
import io.toolgate.store.Lease;
import io.toolgate.store.Payload;
import io.toolgate.store.RecordState;
import io.toolgate.store.TransitionOutcome;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;

/** Broken runtimes whose store gives wrong answers. */
final class BrokenStore {
    private BrokenStore() {}

    /** Acknowledges a completion before it is committed. */
    public static final class AcknowledgesBeforeCommit implements RuntimeUnderTest {
        private static final long LATER_MILLIS = 150;

        /** Made by name. */
        public AcknowledgesBeforeCommit() {}

        @Override
        public IdempotencyStore store(IdempotencyStore store) {
            Executor later = CompletableFuture.delayedExecutor(LATER_MILLIS, TimeUnit.MILLISECONDS);
            return new ForwardingStore(store) {
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

    /** Sends no heartbeats, and reports every lease as owned. */
    public static final class NoHeartbeat implements RuntimeUnderTest {
        /** Made by name. */
        public NoHeartbeat() {}

        @Override
        public IdempotencyStore store(IdempotencyStore store) {
            return new ForwardingStore(store) {
                @Override
                public Set<Lease> heartbeat(Collection<Lease> leases, Duration lease) {
                    return Set.copyOf(leases);
                }
            };
        }
    }

    /** Replays other bytes than those that were stored. */
    public static final class ReplaysOtherBytes implements RuntimeUnderTest {
        /** Made by name. */
        public ReplaysOtherBytes() {}

        @Override
        public IdempotencyStore store(IdempotencyStore store) {
            return new ForwardingStore(store) {
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
                    record.storesRows(),
                    record.numbers(),
                    Payload.of(result.codec(), bytes),
                    record.failure(),
                    record.createdAt(),
                    record.updatedAt(),
                    record.expiresAt(),
                    record.readAt());
        }
    }
}
