package io.toolgate.internal.waiting;

import io.toolgate.ToolGateException;
import io.toolgate.internal.base.CallKey;
import io.toolgate.internal.base.KeyEvent;
import io.toolgate.internal.replay.ReplayStore;
import io.toolgate.store.IdempotencyStore;
import io.toolgate.store.RecordId;
import io.toolgate.store.StoreException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Watches the records that calls of this process wait for while another process owns them: one thread, and one read a poll
 * for all of them, however many wait. A store's hint brings the next poll forward; polling is the truth.
 *
 * <p>Race: the run ends between a call's claim, which said busy, and its joining here. Nothing is lost, because a poll looks
 * at what a record is, not at what changed; it only comes a poll later.
 */
public final class WaiterPoller implements RecordPoller.Subject {
    // Short enough that a quick run is replayed quickly, long enough that a long one costs few reads.
    private static final RecordPoller.Pace PACE = new RecordPoller.Pace(
            TimeUnit.MILLISECONDS.toNanos(4),
            TimeUnit.MILLISECONDS.toNanos(100),
            TimeUnit.MILLISECONDS.toNanos(500),
            0,
            RecordPoller.ANNOUNCE_NANOS);

    private final IdempotencyStore store;
    private final ReplayStore replays;
    private final ConcurrentHashMap<CallKey, WaiterQueue> points = new ConcurrentHashMap<>();
    // How many points a record has, one for each input; written inside of the operations on points that make and drop
    // them.
    private final ConcurrentHashMap<RecordId, Integer> records = new ConcurrentHashMap<>();
    private final RecordPoller poller;

    public WaiterPoller(IdempotencyStore store, ReplayStore replays) {
        this.store = store;
        this.replays = replays;
        this.poller = new RecordPoller("watcher", store, PACE, this);
    }

    /**
     * Joins those who wait for {@code key}. This, {@link #leave} and the telling of news go through the map's own atomicity,
     * so that a point is never dropped as empty while somebody joins it.
     *
     * @throws ToolGateException.TooManyWaiters if {@code limit} calls wait for this key already
     * @throws ToolGateException.Closed if the watcher is closed
     */
    public void join(CallKey key, Waiter waiter, int limit) {
        boolean[] created = new boolean[1];
        var unused = points.compute(key, (k, known) -> {
            created[0] = known == null;
            WaiterQueue joined = known == null ? new WaiterQueue() : known;
            // A watched point is never settled, only told, so there is no news to take here.
            joined.join(waiter, limit);
            if (known == null) {
                records.merge(k.id(), 1, Integer::sum);
            }
            return joined;
        });
        // Race: close() told everybody just before this waiter joined. It set the flag first, so the flag is seen here.
        if (poller.isClosed()) {
            leave(key, waiter);
            throw new ToolGateException.Closed();
        }
        if (created[0]) {
            poller.wake(key.id());
        }
    }

    /** Whether somebody waits for {@code key} already: who comes now learns the same news without asking the store. */
    public boolean watches(CallKey key) {
        return points.containsKey(key);
    }

    public void leave(CallKey key, Waiter waiter) {
        var unused = points.computeIfPresent(key, (k, point) -> {
            point.leave(waiter);
            return kept(k, point);
        });
    }

    /** {@code point} if somebody waits there, else null, which drops it. */
    private @Nullable WaiterQueue kept(CallKey key, WaiterQueue point) {
        if (!point.isEmpty()) {
            return point;
        }
        var unused = records.computeIfPresent(key.id(), (id, count) -> count == 1 ? null : count - 1);
        return null;
    }

    /** Stops watching, and tells those who still wait that the gate is closed. */
    public void close() {
        poller.close();
        points.keySet().forEach(key -> tell(key, Long.MAX_VALUE, new KeyEvent.Broken(ToolGateException.Closed::new)));
    }

    @Override
    public boolean isEmpty() {
        return points.isEmpty();
    }

    @Override
    public boolean concerns(RecordId id) {
        return records.containsKey(id);
    }

    @Override
    public Set<RecordId> all() {
        return Set.copyOf(records.keySet());
    }

    @Override
    public boolean look(Set<RecordId> only) {
        Map<CallKey, Long> marks = new HashMap<>();
        Set<RecordId> ids = new HashSet<>();
        points.forEach((key, point) -> {
            if (only.isEmpty() || only.contains(key.id())) {
                marks.put(key, point.mark());
                ids.add(key.id());
            }
        });
        if (ids.isEmpty()) {
            return false;
        }
        Map<RecordId, ReplayStore.Mark> sent = new HashMap<>();
        ids.forEach(id -> sent.put(id, replays.mark(id)));
        RecordBatch records = RecordBatch.read(store, ids, ids);
        records.found().forEach((id, record) -> replays.keep(record, Objects.requireNonNull(sent.get(id))));
        boolean news = false;
        for (Map.Entry<CallKey, Long> entry : marks.entrySet()) {
            CallKey key = entry.getKey();
            StoreException.Corrupt corrupt = records.unreadable().get(key.id());
            Optional<KeyEvent> settlement = corrupt == null
                    ? KeyEvent.of(records.found().get(key.id()), key.fingerprint())
                    : Optional.of(new KeyEvent.Broken(() -> new ToolGateException.NotExecuted(
                            "The record that this call waited for cannot be read: " + corrupt.getMessage(), corrupt)));
            if (settlement.isPresent()) {
                news = true;
                tell(key, entry.getValue(), settlement.get());
            }
        }
        return news;
    }

    private void tell(CallKey key, long mark, KeyEvent news) {
        List<Waiter> told = new ArrayList<>();
        var unused = points.computeIfPresent(key, (k, point) -> {
            told.addAll(point.take(mark));
            return kept(k, point);
        });
        told.forEach(waiter -> waiter.tell(news));
    }
}
