package io.toolgate.store.jdbc.internal.commit;

import io.toolgate.Failure;
import io.toolgate.store.ClaimRequest;
import io.toolgate.store.IdempotencyRecord;
import io.toolgate.store.Lease;
import io.toolgate.store.Payload;
import io.toolgate.store.RecordState;
import io.toolgate.store.RunEffect;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * A write that may share a commit with writes of other callers. Immutable.
 *
 * @param <A> the database's answer
 */
public sealed interface Write<A> {
    /** The records that it changes: two writes of one record never share a commit. */
    List<UUID> records();

    /** Its name in messages. */
    String what();

    /** The size of the result, or input, that it sends to the database. */
    default int bytes() {
        return 0;
    }

    /** Sends a write to the database. */
    @FunctionalInterface
    interface Sender {
        /** Sends it, and returns the answer; null as the kind of write says. */
        <A> @Nullable A send(Write<A> write);
    }

    /**
     * Claims a key that has no record, or reads its record.
     *
     * <p>The answer is null if a record came or went in between, so that the caller retries.
     */
    record Claim(ClaimRequest request) implements Write<ClaimAnswer> {
        @Override
        public List<UUID> records() {
            return List.of(request.id().toUuid());
        }

        @Override
        public String what() {
            return "a claim";
        }

        @Override
        public int bytes() {
            Payload input = request.input();
            return input == null ? 0 : input.size();
        }
    }

    /**
     * The answer to a claim.
     *
     * @param at the store's time
     * @param record the record of the key; null if there was none, and the key is claimed now
     */
    record ClaimAnswer(Instant at, @Nullable IdempotencyRecord record) {}

    /**
     * Completes a run, with a result or a failure.
     *
     * <p>The answer is null if the lease does not own the record, or the record is not in the expected state.
     *
     * @param lease the lease of its owner
     * @param expected the state in which the record must be
     * @param target the state in which it is put
     * @param result the result to store, or null if the run failed
     * @param failure the failure, or null if there is a result
     * @param effect what is known about the effect of the run that failed, or null if there is a result
     */
    record Completion(
            Lease lease,
            RecordState expected,
            RecordState target,
            @Nullable Payload result,
            @Nullable Failure failure,
            @Nullable RunEffect effect)
            implements Write<Completed> {
        /** What the number of the provider key grows by. */
        int providerKeyStep() {
            return failure != null && failure.isRememberedByProvider() ? 1 : 0;
        }

        @Override
        public List<UUID> records() {
            return List.of(lease.id().toUuid());
        }

        @Override
        public String what() {
            return result == null ? "a failure" : "a completion";
        }

        @Override
        public int bytes() {
            return result != null && result.isAvailable() ? result.size() : 0;
        }
    }

    /**
     * The answer to a completion.
     *
     * @param version the record's version after it
     * @param at the store's time of it
     */
    record Completed(long version, Instant at) {}

    /**
     * Renews leases. The answer holds those that were renewed, or skipped.
     *
     * @param leases in {@link #ORDER}
     * @param writers for those that a caller's transaction may be completing, that transaction's number
     * @param length their new length
     */
    record Heartbeat(List<Lease> leases, Map<Lease, String> writers, Duration length)
            implements Write<Set<FoundLease>> {
        /** The order in which rows are locked, the same for all, so that no two heartbeats deadlock. */
        public static final Comparator<Lease> ORDER = Comparator.comparing(
                        (Lease lease) -> lease.id().toUuid())
                .thenComparing(lease -> lease.token().toUuid());

        /** The transaction that may be completing the record of {@code lease}; empty if there is none. */
        String writer(Lease lease) {
            return writers.getOrDefault(lease, "");
        }

        @Override
        public List<UUID> records() {
            return leases.stream().map(lease -> lease.id().toUuid()).toList();
        }

        @Override
        public String what() {
            return "a heartbeat";
        }
    }

    /**
     * A lease that a heartbeat found, as the database answers it.
     *
     * @param skipped whether its record was locked, so that it was not renewed
     */
    record FoundLease(@Nullable UUID id, @Nullable UUID token, boolean skipped) {
        public static FoundLease renewed(Lease lease) {
            return new FoundLease(lease.id().toUuid(), lease.token().toUuid(), false);
        }

        public static FoundLease skipped(Lease lease) {
            return new FoundLease(lease.id().toUuid(), lease.token().toUuid(), true);
        }
    }
}
