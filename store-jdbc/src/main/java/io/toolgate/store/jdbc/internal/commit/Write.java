package io.toolgate.store.jdbc.internal.commit;

import io.toolgate.Failure;
import io.toolgate.store.ClaimRequest;
import io.toolgate.store.IdempotencyRecord;
import io.toolgate.store.Lease;
import io.toolgate.store.Payload;
import io.toolgate.store.RecordState;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * A write that may share a commit with those of other callers: what it asks for, and its kind of answer. Immutable.
 *
 * @param <A> the answer of the database
 */
public sealed interface Write<A> {
    /** Whose records it is about: two writes about one record never share a commit. */
    List<UUID> records();

    /** What it is called in messages. */
    String what();

    /** How many bytes of a result it brings to the database. */
    default int bytes() {
        return 0;
    }

    /** How a write is sent. */
    @FunctionalInterface
    interface Sender {
        /** Sends it, and gives the answer; null as the kind of write says. */
        <A> @Nullable A send(Write<A> write);
    }

    /**
     * Claims a key that has no record, or reads its record.
     *
     * <p>The answer is null if a record came or went in between, so that it must be asked again.
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
    }

    /** Answer to a claim: nothing was there and the key is ours now, or this record. */
    record ClaimAnswer(Instant at, @Nullable IdempotencyRecord record) {}

    /**
     * Ends a run.
     *
     * <p>The answer is null if the lease does not own the record, or the record is not in the expected state.
     *
     * @param lease whose run it is
     * @param expected the state in which the record must be
     * @param target the state in which it is put
     * @param result the result to store, or null if the run failed
     * @param failure why it failed, or null if it has a result
     */
    record End(
            Lease lease,
            RecordState expected,
            RecordState target,
            @Nullable Payload result,
            @Nullable Failure failure) implements Write<Ended> {
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
     * What became of a record whose run ended.
     *
     * @param version its version now
     * @param at when, by the store's clock
     */
    record Ended(long version, Instant at) {}

    /** Renews leases. The answer are those that still own their records. */
    record Heartbeat(List<Lease> leases, Duration length) implements Write<Set<Beat>> {
        /** The order in which rows are locked. */
        public static final Comparator<Lease> ORDER = Comparator.comparing(
                        (Lease lease) -> lease.id().toUuid())
                .thenComparing(lease -> lease.token().toUuid());

        @Override
        public List<UUID> records() {
            return leases.stream().map(lease -> lease.id().toUuid()).toList();
        }

        @Override
        public String what() {
            return "a heartbeat";
        }
    }

    /** A lease as the database answers it. */
    record Beat(@Nullable UUID id, @Nullable UUID token) {
        public static Beat of(Lease lease) {
            return new Beat(lease.id().toUuid(), lease.token().toUuid());
        }
    }
}
