package io.toolgate.internal.replay;

import io.toolgate.Failure;
import io.toolgate.internal.base.CallKey;
import io.toolgate.internal.base.KeyEvent;
import io.toolgate.store.ClaimMachine;
import io.toolgate.store.IdempotencyRecord;
import io.toolgate.store.InputFingerprint;
import io.toolgate.store.Payload;
import io.toolgate.store.RecordId;
import io.toolgate.store.RecordState;
import java.time.Duration;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What a gate knows of finished records, by which it replays without asking its store. Safe for use by many threads; does no
 * I/O. {@link #NONE} knows nothing.
 *
 * <p>Who reads a record, or ends a run, takes a {@link #mark} before that is sent, and shows it with what it learned. Race:
 * a read is on its way while the record is retired; it says that the record is finished, and comes back when the entry has
 * been dropped already. Its mark is older than the drop then, and what it says is not kept.
 */
public interface ReplayStore {
    /** Keeps nothing. */
    ReplayStore NONE = new ReplayStore() {
        private final Mark nothing = new Mark(0, 0);

        @Override
        public @Nullable KeyEvent find(CallKey key) {
            return null;
        }

        @Override
        public Mark mark(RecordId id) {
            return nothing;
        }

        @Override
        public void keep(RecordId id, Finished finished, Duration left, Mark mark) {}

        @Override
        public void drop(RecordId id) {}
    };

    /**
     * When something was learned.
     *
     * @param epoch how often records had been dropped
     * @param sentNanos by the replays' own clock
     */
    record Mark(long epoch, long sentNanos) {}

    /**
     * A finished record, as far as a replay needs it.
     *
     * @param state COMPLETED or REJECTED
     * @param payload present exactly in COMPLETED
     * @param failure present exactly in REJECTED
     */
    record Finished(
            RecordState state,
            InputFingerprint fingerprint,
            long fence,
            long version,
            @Nullable Payload payload,
            @Nullable Failure failure) {

        static Finished of(IdempotencyRecord record) {
            return new Finished(
                    record.state(),
                    record.fingerprint(),
                    record.fence(),
                    record.version(),
                    record.result(),
                    record.failure());
        }

        /** What this means to a call with {@code input}: what the store would have answered (rule 9). */
        KeyEvent to(InputFingerprint input) {
            if (!fingerprint.equals(input)) {
                return new KeyEvent.Conflict(state, fingerprint, fence, version);
            }
            return state == RecordState.COMPLETED
                    ? new KeyEvent.Done(Objects.requireNonNull(payload))
                    : new KeyEvent.Refused(Objects.requireNonNull(failure));
        }
    }

    /** What is known of the record of {@code key}, or null if the store has to be asked. */
    @Nullable
    KeyEvent find(CallKey key);

    /** Taken before the store is asked about the record, or told of its end. */
    Mark mark(RecordId id);

    /**
     * Keeps what the store said.
     *
     * @param left how long the record's retention lasts at least, counted from {@code mark}
     */
    void keep(RecordId id, Finished finished, Duration left, Mark mark);

    /** Keeps {@code record} if it is finished, for as long as it says itself that it is not forgotten. */
    default void keep(IdempotencyRecord record, Mark mark) {
        if (record.state().isFinished()) {
            Duration left = Duration.between(record.readAt(), ClaimMachine.purgeableFrom(record));
            keep(record.id(), Finished.of(record), left, mark);
        }
    }

    /** Forgets a record, and what those say who asked about it before. */
    void drop(RecordId id);
}
