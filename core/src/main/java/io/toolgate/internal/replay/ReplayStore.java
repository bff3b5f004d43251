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
 * A cache of finished records, from which a gate replays without asking its store. Safe for use by many threads; does
 * no I/O. {@link #NONE} is always empty.
 *
 * <p>Race: a read is on its way while the record is retired; it says that the record is finished, and returns after the
 * entry was dropped. So a {@link #stamp} is taken before a read or a completion is sent, and handed in with its result:
 * one that is older than a drop is not kept.
 */
public interface ReplayStore {
    /** Keeps nothing. */
    ReplayStore NONE = new ReplayStore() {
        private final Stamp nothing = new Stamp(0, 0);

        @Override
        public @Nullable KeyEvent find(CallKey key) {
            return null;
        }

        @Override
        public Stamp stamp(RecordId id) {
            return nothing;
        }

        @Override
        public void keep(RecordId id, Finished finished, Duration left, Stamp stamp) {}

        @Override
        public void drop(RecordId id) {}
    };

    /**
     * The moment before the store was asked.
     *
     * @param epoch how many records had been dropped by then
     * @param sentNanos by the cache's own clock
     */
    record Stamp(long epoch, long sentNanos) {}

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

        /** What the store would answer to a call with {@code input} (rule 9). */
        KeyEvent eventFor(InputFingerprint input) {
            if (!fingerprint.equals(input)) {
                return new KeyEvent.Conflict(state, fingerprint, fence, version);
            }
            return state == RecordState.COMPLETED
                    ? new KeyEvent.Completed(Objects.requireNonNull(payload))
                    : new KeyEvent.Rejected(Objects.requireNonNull(failure));
        }
    }

    /** What the cached record means to a call of {@code key}; null if the store has to be asked. */
    @Nullable
    KeyEvent find(CallKey key);

    /** Taken before the store is asked about a record, or sent its completion. */
    Stamp stamp(RecordId id);

    /**
     * Keeps a finished record.
     *
     * @param left how long its retention lasts at least, counted from {@code stamp}
     */
    void keep(RecordId id, Finished finished, Duration left, Stamp stamp);

    /**
     * Keeps {@code record} if it is finished, for as long as its retention lasts. Not if its result is unavailable: an
     * operator may supply it, and callers shall be given it at once.
     */
    default void keep(IdempotencyRecord record, Stamp stamp) {
        if (record.state().isFinished() && !ClaimMachine.lacksResult(record)) {
            Duration left = Duration.between(record.readAt(), ClaimMachine.purgeableFrom(record));
            keep(record.id(), Finished.of(record), left, stamp);
        }
    }

    /** Removes a record, and refuses what was read before. */
    void drop(RecordId id);
}
