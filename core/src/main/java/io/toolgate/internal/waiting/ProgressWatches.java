package io.toolgate.internal.waiting;

import io.toolgate.Progress;
import io.toolgate.ToolGateException;
import io.toolgate.Watch;
import io.toolgate.store.Checkpoint;
import io.toolgate.store.IdempotencyRecord;
import io.toolgate.store.IdempotencyStore;
import io.toolgate.store.RecordId;
import io.toolgate.store.StoreException;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArraySet;
import java.util.concurrent.Executor;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The watches of a gate: one thread polls all watched records, with one read for all of them, and one more for each
 * record whose version grew. Another thread calls the listeners, so that a slow one never delays a poll.
 *
 * <p>With one thread each nothing is delivered out of order; and since a {@link ProgressWatch} accepts growing versions
 * only, not even a store that answers with an older view makes it go back.
 */
public final class ProgressWatches extends RecordPoller {
    // For people, who do not notice a quarter of a second. A hint arrives at once.
    private static final Pace PACE = new Pace(
            TimeUnit.MILLISECONDS.toNanos(10),
            TimeUnit.MILLISECONDS.toNanos(250),
            TimeUnit.SECONDS.toNanos(1),
            TimeUnit.MILLISECONDS.toNanos(5),
            ANNOUNCE_NANOS);

    private final IdempotencyStore store;
    private final Executor listeners;
    private final ConcurrentHashMap<RecordId, Set<ProgressWatch>> watched = new ConcurrentHashMap<>();

    /** The watches of a gate on {@code store}, whose listeners are called by {@code listeners}, one thread. */
    public ProgressWatches(IdempotencyStore store, Executor listeners) {
        super("progress", store, PACE);
        this.store = store;
        this.listeners = listeners;
    }

    /** As above, with a thread from {@code threads}; for tests. */
    ProgressWatches(IdempotencyStore store, Executor listeners, ThreadFactory threads) {
        super("progress", store, PACE, threads);
        this.store = store;
        this.listeners = listeners;
    }

    /**
     * Begins a watch.
     *
     * @throws ToolGateException.Closed if the gate is closed
     */
    public Watch open(RecordId id, Consumer<Progress> listener) {
        ProgressWatch watch = new ProgressWatch(this, id, listener, listeners);
        var unused = watched.compute(id, (key, known) -> {
            Set<ProgressWatch> all = known == null ? new CopyOnWriteArraySet<>() : known;
            all.add(watch);
            return all;
        });
        // Race: close() ended all watches just before this one was added. It set the flag first, so that it is seen
        // here.
        if (isClosed()) {
            watch.close();
            throw new ToolGateException.Closed();
        }
        try {
            added(id);
        } catch (RuntimeException | Error e) {
            // A watch that is not polled, because there is no thread for that, must not stay behind.
            watch.close();
            throw e;
        }
        return watch;
    }

    /** An atomic operation of the map, so that no set is removed as empty while a watch is added to it. */
    void remove(RecordId id, ProgressWatch watch) {
        var unused = watched.computeIfPresent(id, (key, all) -> {
            all.remove(watch);
            return all.isEmpty() ? null : all;
        });
    }

    /** Ends all watches. */
    public void close() {
        stop();
        watched.values().forEach(all -> all.forEach(ProgressWatch::close));
    }

    @Override
    Set<RecordId> polled() {
        return watched.keySet();
    }

    @Override
    boolean poll(Set<RecordId> only) {
        // Race: a watch begins while the store answers. It is not shown what was read before it began.
        Map<RecordId, List<ProgressWatch>> watches = new HashMap<>();
        // A record that no watch has seen may be missing from the batch without a second read.
        Set<RecordId> seen = new HashSet<>();
        watched.forEach((id, all) -> {
            if (only.isEmpty() || only.contains(id)) {
                watches.put(id, List.copyOf(all));
                if (all.stream().anyMatch(ProgressWatch::hasSeenRecord)) {
                    seen.add(id);
                }
            }
        });
        if (watches.isEmpty()) {
            return false;
        }
        RecordBatch batch = RecordBatch.read(store, watches.keySet(), seen);
        boolean any = false;
        for (Map.Entry<RecordId, List<ProgressWatch>> each : watches.entrySet()) {
            StoreException.Corrupt corrupt = batch.unreadable().get(each.getKey());
            any |= corrupt == null
                    ? show(batch.found().get(each.getKey()), each.getValue())
                    : showUnreadable(corrupt, each.getValue());
        }
        return any;
    }

    private boolean show(@Nullable IdempotencyRecord record, List<ProgressWatch> watches) {
        List<Checkpoint> checkpoints = null;
        for (ProgressWatch watch : watches) {
            if (record == null || watch.isReplacedBy(record)) {
                watch.recordIsGone();
            } else if (watch.isNewer(record)) {
                try {
                    checkpoints = checkpoints == null ? checkpointsOf(record) : checkpoints;
                } catch (StoreException.Corrupt e) {
                    return showUnreadable(e, watches);
                }
                watch.show(record, checkpoints);
            }
        }
        return checkpoints != null;
    }

    private List<Checkpoint> checkpointsOf(IdempotencyRecord record) {
        // Version 1 is the first claim: no checkpoint can precede it.
        return record.version() == 1 ? List.of() : store.history(record.id(), 0).checkpoints();
    }

    private static boolean showUnreadable(StoreException.Corrupt corrupt, List<ProgressWatch> watches) {
        watches.forEach(watch -> watch.showUnreadable(corrupt));
        return false;
    }
}
