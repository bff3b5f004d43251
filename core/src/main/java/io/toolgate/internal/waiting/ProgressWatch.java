package io.toolgate.internal.waiting;

import io.toolgate.Progress;
import io.toolgate.Watch;
import io.toolgate.internal.base.CheckpointNames;
import io.toolgate.store.Checkpoint;
import io.toolgate.store.IdempotencyRecord;
import io.toolgate.store.Payload;
import io.toolgate.store.RecordId;
import io.toolgate.store.StoreException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One watch of a record: the version it has seen, and the progress that its listener has not been given yet.
 *
 * <p>The poller's thread shows it records; another thread calls the listener. Between them is room for one progress,
 * the latest: while a listener takes its time, later progress replaces earlier. The thread that fills the empty place
 * submits the call of the listener, so that at most one call is queued and none is forgotten.
 */
final class ProgressWatch implements Watch {
    private static final Logger log = LoggerFactory.getLogger(ProgressWatch.class);

    private final ProgressWatches watches;
    private final RecordId id;
    private final Consumer<Progress> listener;
    private final Executor listeners;
    private final AtomicReference<@Nullable Progress> pending = new AtomicReference<>();

    // Each is set once, by the thread that closes the watch and by the poller's.
    private volatile boolean closed;
    private volatile boolean gone;

    // The poller's thread only.
    private @Nullable IdempotencyRecord seen;
    private Map<String, Payload> seenCheckpoints = Map.of();
    private boolean unreadable;

    ProgressWatch(ProgressWatches watches, RecordId id, Consumer<Progress> listener, Executor listeners) {
        this.watches = watches;
        this.id = id;
        this.listener = listener;
        this.listeners = listeners;
    }

    @Override
    public boolean isOpen() {
        return !closed && !gone;
    }

    @Override
    public void close() {
        closed = true;
        watches.remove(id, this);
    }

    boolean hasSeenRecord() {
        return seen != null;
    }

    /** Whether {@code record} is another one, which began anew after the seen one was deleted. */
    boolean isReplacedBy(IdempotencyRecord record) {
        return seen != null
                && record.createdAt().isAfter(seen.createdAt())
                && (record.fence() <= seen.fence() || record.version() <= seen.version());
    }

    /** Whether {@code record} has a later version than the one that was seen. */
    boolean isNewer(IdempotencyRecord record) {
        return seen == null || record.version() > seen.version();
    }

    /**
     * Takes a record that is {@linkplain #isNewer newer}, and delivers it.
     *
     * <p>Race: a checkpoint is written between the read of the record and that of its checkpoints. It belongs to a
     * version that is delivered later; until then the checkpoint before it is shown, if it was seen.
     */
    void show(IdempotencyRecord record, List<Checkpoint> found) {
        boolean sameLife = seen != null && seen.createdAt().equals(record.createdAt());
        Map<String, Payload> checkpoints = new LinkedHashMap<>();
        for (Checkpoint checkpoint : found) {
            String name = checkpoint.name();
            if (CheckpointNames.isOfRun(name)) {
                Payload before = sameLife ? seenCheckpoints.get(name) : null;
                Payload value = checkpoint.version() <= record.version() ? checkpoint.value() : before;
                if (value != null) {
                    checkpoints.put(name, value);
                }
            }
        }
        deliver(new Progress(record.state(), record.fence(), record.version(), checkpoints, record.updatedAt()));
        // Only now: a version whose delivery failed is shown again.
        seen = record;
        seenCheckpoints = checkpoints;
        unreadable = false;
    }

    private void deliver(Progress progress) {
        if (pending.getAndSet(progress) == null) {
            try {
                listeners.execute(this::callListener);
            } catch (RuntimeException | Error e) {
                pending.set(null);
                throw e;
            }
        }
    }

    private void callListener() {
        Progress progress = pending.getAndSet(null);
        if (progress == null || closed) {
            return;
        }
        try {
            listener.accept(progress);
        } catch (Throwable e) {
            // Even an Error: one listener must not end the watches of others, nor its own.
            log.warn(
                    "Progress listener {} threw an exception at version {} of {}; the watch goes on",
                    listener.getClass().getName(),
                    progress.version(),
                    id,
                    e);
        }
    }

    /**
     * Ends the watch if it has seen the record. If not, the record is yet to come. Pending progress is still delivered.
     */
    void recordIsGone() {
        if (seen != null) {
            log.debug("The record of {} was deleted; its watch ends at version {}", id, seen.version());
            gone = true;
            watches.remove(id, this);
        }
    }

    /** Warns once, since the row is polled again and again. */
    void showUnreadable(StoreException.Corrupt corrupt) {
        if (!unreadable) {
            log.warn("The record of {} cannot be read; its watch reports nothing until it can", id, corrupt);
            unreadable = true;
        }
    }
}
