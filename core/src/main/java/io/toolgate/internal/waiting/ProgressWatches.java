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
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The watches of a gate: one thread looks at all watched records, with one read of the records a look, and one more for each
 * record whose version grew. What it finds is told by another thread, so that a slow listener never delays a look.
 *
 * <p>Since one thread looks, and one tells, nothing is told out of order; and since a {@link ProgressWatch} takes nothing that
 * does not grow, not even a store that answers with an older view makes it go back.
 */
public final class ProgressWatches implements RecordPoller.Subject {
    // People look on: a quarter of a second late is no news too late for them. A hint comes at once.
    private static final RecordPoller.Pace PACE = new RecordPoller.Pace(
            TimeUnit.MILLISECONDS.toNanos(10),
            TimeUnit.MILLISECONDS.toNanos(250),
            TimeUnit.SECONDS.toNanos(1),
            TimeUnit.MILLISECONDS.toNanos(5),
            RecordPoller.ANNOUNCE_NANOS);

    private final IdempotencyStore store;
    private final Executor teller;
    private final ConcurrentHashMap<RecordId, Set<ProgressWatch>> watched = new ConcurrentHashMap<>();
    private final RecordPoller poller;

    /** The watches of a gate on {@code store}, whose listeners are called by {@code teller}, one thread. */
    public ProgressWatches(IdempotencyStore store, Executor teller) {
        this.store = store;
        this.teller = teller;
        this.poller = new RecordPoller("progress", store, PACE, this);
    }

    /**
     * Begins a watch.
     *
     * @throws ToolGateException.Closed if the gate is closed
     */
    public Watch open(RecordId id, Consumer<Progress> listener) {
        ProgressWatch spectator = new ProgressWatch(this, id, listener, teller);
        var unused = watched.compute(id, (key, known) -> {
            Set<ProgressWatch> all = known == null ? new CopyOnWriteArraySet<>() : known;
            all.add(spectator);
            return all;
        });
        // Race: close() ended all watches just before this one was added. It set the flag first, so the flag is seen
        // here.
        if (poller.isClosed()) {
            spectator.close();
            throw new ToolGateException.Closed();
        }
        poller.wake(id);
        return spectator;
    }

    /** Through the map's own atomicity, so that no set is dropped as empty while somebody joins it. */
    void remove(RecordId id, ProgressWatch spectator) {
        var unused = watched.computeIfPresent(id, (key, all) -> {
            all.remove(spectator);
            return all.isEmpty() ? null : all;
        });
    }

    /** Ends all watches. */
    public void close() {
        poller.close();
        watched.values().forEach(all -> all.forEach(ProgressWatch::close));
    }

    @Override
    public boolean isEmpty() {
        return watched.isEmpty();
    }

    @Override
    public boolean concerns(RecordId id) {
        return watched.containsKey(id);
    }

    @Override
    public Set<RecordId> all() {
        return Set.copyOf(watched.keySet());
    }

    @Override
    public boolean look(Set<RecordId> only) {
        // Race: a watch begins while the store answers. What was read before it began is not news to it.
        Map<RecordId, List<ProgressWatch>> looking = new HashMap<>();
        // Where there never was a record, the lot may leave it out without another question.
        Set<RecordId> seen = new HashSet<>();
        watched.forEach((id, all) -> {
            if (only.isEmpty() || only.contains(id)) {
                looking.put(id, List.copyOf(all));
                if (all.stream().anyMatch(ProgressWatch::hasSeen)) {
                    seen.add(id);
                }
            }
        });
        if (looking.isEmpty()) {
            return false;
        }
        RecordBatch records = RecordBatch.read(store, looking.keySet(), seen);
        boolean news = false;
        for (Map.Entry<RecordId, List<ProgressWatch>> each : looking.entrySet()) {
            StoreException.Corrupt corrupt = records.unreadable().get(each.getKey());
            news |= corrupt == null
                    ? show(records.found().get(each.getKey()), each.getValue())
                    : cannotRead(corrupt, each.getValue());
        }
        return news;
    }

    private boolean show(@Nullable IdempotencyRecord record, List<ProgressWatch> spectators) {
        List<Checkpoint> marks = null;
        for (ProgressWatch spectator : spectators) {
            if (record == null || spectator.isOver(record)) {
                spectator.recordIsGone();
            } else if (spectator.isNews(record)) {
                try {
                    marks = marks == null ? marksOf(record) : marks;
                } catch (StoreException.Corrupt e) {
                    return cannotRead(e, spectators);
                }
                spectator.show(record, marks);
            }
        }
        return marks != null;
    }

    /** A record's first version is its first claim, before which nothing can have been left. */
    private List<Checkpoint> marksOf(IdempotencyRecord record) {
        return record.version() == 1 ? List.of() : store.history(record.id(), 0).checkpoints();
    }

    private static boolean cannotRead(StoreException.Corrupt corrupt, List<ProgressWatch> spectators) {
        spectators.forEach(spectator -> spectator.cannotRead(corrupt));
        return false;
    }
}
