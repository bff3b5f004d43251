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
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Polls the records that calls of this process wait for while another process owns them: one thread, and one read a
 * poll for all records, however many calls wait.
 *
 * <p>Race: the run ends between a call's claim, which was answered with "busy", and its joining here. Nothing is lost,
 * because a poll looks at the state of a record, not at changes; the call only waits one poll longer.
 */
public final class WaiterPoller extends RecordPoller {
    // Short enough that the result of a quick run is replayed quickly, long enough that a long one costs few reads.
    private static final Pace PACE = new Pace(
            TimeUnit.MILLISECONDS.toNanos(4),
            TimeUnit.MILLISECONDS.toNanos(100),
            TimeUnit.MILLISECONDS.toNanos(500),
            0,
            ANNOUNCE_NANOS);

    private final IdempotencyStore store;
    private final ReplayStore replays;
    private final ConcurrentHashMap<CallKey, WaiterQueue> queues = new ConcurrentHashMap<>();

    // How many queues a record has, one for each input. Written only within the atomic operations that add and remove
    // queues.
    private final ConcurrentHashMap<RecordId, Integer> records = new ConcurrentHashMap<>();

    /** A poller of {@code store}, which keeps finished records in {@code replays}. */
    public WaiterPoller(IdempotencyStore store, ReplayStore replays) {
        super("waiter", store, PACE);
        this.store = store;
        this.replays = replays;
    }

    /** As above, with a thread from {@code threads}; for tests. */
    WaiterPoller(IdempotencyStore store, ReplayStore replays, ThreadFactory threads) {
        super("waiter", store, PACE, threads);
        this.store = store;
        this.replays = replays;
    }

    /**
     * Lets {@code waiter} wait for an event of {@code key}. This, {@link #leave} and the handing out of events are
     * atomic operations of the map, so that a queue is never removed as empty while a waiter joins it.
     *
     * @throws ToolGateException.TooManyWaiters if {@code limit} calls wait for this key already
     * @throws ToolGateException.Closed if the poller is closed
     */
    public void join(CallKey key, Waiter waiter, int limit) {
        boolean[] created = new boolean[1];
        var unused = queues.compute(key, (k, known) -> {
            created[0] = known == null;
            WaiterQueue joined = known == null ? new WaiterQueue() : known;
            // Never completed: its waiters are taken from it.
            joined.join(waiter, limit);
            if (known == null) {
                records.merge(k.id(), 1, Integer::sum);
            }
            return joined;
        });
        // Race: close() emptied the queues just before this waiter joined. It set the flag first, so that it is seen
        // here.
        if (isClosed()) {
            leave(key, waiter);
            throw new ToolGateException.Closed();
        }
        if (created[0]) {
            addedOrLeft(key, waiter);
        }
    }

    /** A waiter whose record cannot be polled, because there is no thread for that, must not stay behind. */
    private void addedOrLeft(CallKey key, Waiter waiter) {
        try {
            added(key.id());
        } catch (RuntimeException | Error e) {
            leave(key, waiter);
            throw e;
        }
    }

    /** Whether calls wait for {@code key}: a new one gets the same event without asking the store. */
    public boolean hasWaiters(CallKey key) {
        return queues.containsKey(key);
    }

    /** Removes {@code waiter}, if it still waits. */
    public void leave(CallKey key, Waiter waiter) {
        var unused = queues.computeIfPresent(key, (k, queue) -> {
            queue.leave(waiter);
            return orRemoved(k, queue);
        });
    }

    /** {@code queue} if calls wait in it, else null, which removes it. */
    private @Nullable WaiterQueue orRemoved(CallKey key, WaiterQueue queue) {
        if (!queue.isEmpty()) {
            return queue;
        }
        var unused = records.computeIfPresent(key.id(), (id, count) -> count == 1 ? null : count - 1);
        return null;
    }

    /** Stops polling, and ends all waits because the gate is closed. */
    public void close() {
        stop();
        queues.keySet()
                .forEach(key -> complete(key, Long.MAX_VALUE, new KeyEvent.CallFailed(ToolGateException.Closed::new)));
    }

    @Override
    Set<RecordId> polled() {
        return records.keySet();
    }

    @Override
    boolean poll(Set<RecordId> only) {
        Map<CallKey, Long> positions = new HashMap<>();
        Set<RecordId> ids = new HashSet<>();
        queues.forEach((key, queue) -> {
            if (only.isEmpty() || only.contains(key.id())) {
                positions.put(key, queue.position());
                ids.add(key.id());
            }
        });
        if (ids.isEmpty()) {
            return false;
        }
        Map<RecordId, ReplayStore.Stamp> stamps = new HashMap<>();
        ids.forEach(id -> stamps.put(id, replays.stamp(id)));
        RecordBatch batch = RecordBatch.read(store, ids, ids);
        batch.found().forEach((id, record) -> replays.keep(record, Objects.requireNonNull(stamps.get(id))));
        boolean any = false;
        for (Map.Entry<CallKey, Long> entry : positions.entrySet()) {
            Optional<KeyEvent> event = eventOf(entry.getKey(), batch);
            if (event.isPresent()) {
                any = true;
                complete(entry.getKey(), entry.getValue(), event.get());
            }
        }
        return any;
    }

    private static Optional<KeyEvent> eventOf(CallKey key, RecordBatch batch) {
        StoreException.Corrupt corrupt = batch.unreadable().get(key.id());
        return corrupt == null
                ? KeyEvent.of(batch.found().get(key.id()), key.fingerprint())
                : Optional.of(new KeyEvent.CallFailed(() -> new ToolGateException.NotExecuted(
                        "The record that this call waited for cannot be read: " + corrupt.getMessage(), corrupt)));
    }

    private void complete(CallKey key, long position, KeyEvent event) {
        List<Waiter> taken = new ArrayList<>();
        var unused = queues.computeIfPresent(key, (k, queue) -> {
            taken.addAll(queue.take(position));
            return orRemoved(k, queue);
        });
        taken.forEach(waiter -> waiter.complete(event));
    }
}
