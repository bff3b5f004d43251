package io.toolgate.internal;

import io.toolgate.Progress;
import io.toolgate.ToolGateException;
import io.toolgate.Watch;
import io.toolgate.store.Checkpoint;
import io.toolgate.store.IdempotencyRecord;
import io.toolgate.store.IdempotencyStore;
import io.toolgate.store.RecordId;
import io.toolgate.store.StoreException;
import java.util.HashSet;
import java.util.List;
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
 * <p>Since one thread looks, and one tells, nothing is told out of order; and since a {@link Spectator} takes nothing that
 * does not grow, not even a store that answers with an older view makes it go back.
 */
final class Watches implements Poller.Subject {
    // People look on: a quarter of a second late is no news too late for them. A hint comes at once.
    private static final Poller.Pace PACE = new Poller.Pace(
            TimeUnit.MILLISECONDS.toNanos(10),
            TimeUnit.MILLISECONDS.toNanos(250),
            TimeUnit.SECONDS.toNanos(1),
            TimeUnit.MILLISECONDS.toNanos(5));

    private final IdempotencyStore store;
    private final Executor teller;
    private final ConcurrentHashMap<RecordId, Set<Spectator>> watched = new ConcurrentHashMap<>();
    private final Poller poller;

    /** The watches of a gate on {@code store}, whose listeners are called by {@code teller}, one thread. */
    Watches(IdempotencyStore store, Executor teller) {
        this.store = store;
        this.teller = teller;
        this.poller = new Poller("progress", store, PACE, this);
    }

    /**
     * Begins a watch.
     *
     * @throws ToolGateException.Closed if the gate is closed
     */
    Watch open(RecordId id, Consumer<Progress> listener) {
        Spectator spectator = new Spectator(this, id, listener, teller);
        var unused = watched.compute(id, (key, known) -> {
            Set<Spectator> all = known == null ? new CopyOnWriteArraySet<>() : known;
            all.add(spectator);
            return all;
        });
        // Race: close() ended all watches just before this one was added. It set the flag first, so the flag is seen
        // here.
        if (poller.isClosed()) {
            spectator.close();
            throw new ToolGateException.Closed();
        }
        poller.wake();
        return spectator;
    }

    /** Through the map's own atomicity, so that no set is dropped as empty while somebody joins it. */
    void remove(RecordId id, Spectator spectator) {
        var unused = watched.computeIfPresent(id, (key, all) -> {
            all.remove(spectator);
            return all.isEmpty() ? null : all;
        });
    }

    /** Ends all watches. */
    void close() {
        poller.close();
        watched.values().forEach(all -> all.forEach(Spectator::close));
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
    public boolean look(Set<RecordId> only) {
        Set<RecordId> ids = new HashSet<>(watched.keySet());
        if (!only.isEmpty()) {
            ids.retainAll(only);
        }
        if (ids.isEmpty()) {
            return false;
        }
        // Where there never was a record, the lot may leave it out without another question.
        Set<RecordId> seen = new HashSet<>(ids);
        seen.removeIf(id -> spectators(id).stream().noneMatch(Spectator::hasSeen));
        Records records = Records.read(store, ids, seen);
        boolean news = false;
        for (RecordId id : ids) {
            StoreException.Corrupt corrupt = records.unreadable().get(id);
            news |= corrupt == null ? show(id, records.found().get(id)) : cannotRead(id, corrupt);
        }
        return news;
    }

    private Set<Spectator> spectators(RecordId id) {
        return watched.getOrDefault(id, Set.of());
    }

    private boolean show(RecordId id, @Nullable IdempotencyRecord record) {
        List<Checkpoint> marks = null;
        boolean news = false;
        for (Spectator spectator : spectators(id)) {
            if (record == null || spectator.isOver(record)) {
                spectator.recordIsGone();
            } else if (spectator.isNews(record)) {
                if (marks == null) {
                    try {
                        marks = marksOf(record);
                    } catch (StoreException.Corrupt e) {
                        return cannotRead(id, e) || news;
                    }
                }
                spectator.show(record, marks);
                news = true;
            }
        }
        return news;
    }

    /** A record's first version is its first claim, before which nothing can have been left. */
    private List<Checkpoint> marksOf(IdempotencyRecord record) {
        return record.version() == 1 ? List.of() : store.history(record.id(), 0).checkpoints();
    }

    private boolean cannotRead(RecordId id, StoreException.Corrupt corrupt) {
        spectators(id).forEach(spectator -> spectator.cannotRead(corrupt));
        return false;
    }
}
