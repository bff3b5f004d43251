package io.toolgate.internal.waiting;

import com.google.errorprone.annotations.CanIgnoreReturnValue;
import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.toolgate.ToolGateException;
import io.toolgate.internal.base.KeyEvent;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The calls that wait for one event source, in order of arrival. The monitor is held for map operations only; waiters
 * are completed outside it.
 *
 * <p>Race: a waiter joins while an event arrives. A flight is {@linkplain #complete completed} once: the waiter is
 * either among those that are completed with it, or gets the event from {@link #join}. An event of a record is only for
 * waiters that had joined before the record was read ({@link #position}): for a later one it may be stale.
 */
public final class WaiterQueue {
    @GuardedBy("this")
    private final Map<Waiter, Long> waiters = new LinkedHashMap<>();

    @GuardedBy("this")
    private long joined;

    @GuardedBy("this")
    private @Nullable KeyEvent completion;

    /**
     * Adds {@code waiter} and returns null, or returns the event that the queue was completed with.
     *
     * @throws ToolGateException.TooManyWaiters if {@code limit} calls wait here already
     */
    @CanIgnoreReturnValue
    public synchronized @Nullable KeyEvent join(Waiter waiter, int limit) {
        if (completion == null) {
            if (waiters.size() >= limit) {
                throw new ToolGateException.TooManyWaiters(limit, "for this key");
            }
            waiters.put(waiter, ++joined);
        }
        return completion;
    }

    /** Removes {@code waiter}, if it is here. */
    public synchronized void leave(Waiter waiter) {
        var unused = waiters.remove(waiter);
    }

    synchronized boolean isEmpty() {
        return waiters.isEmpty();
    }

    /** The present end of the queue, for {@link #take}. */
    synchronized long position() {
        return joined;
    }

    /** Removes and returns the waiters that had joined by {@code position}. */
    synchronized List<Waiter> take(long position) {
        List<Waiter> taken = new ArrayList<>(waiters.size());
        Iterator<Map.Entry<Waiter, Long>> entries = waiters.entrySet().iterator();
        while (entries.hasNext()) {
            Map.Entry<Waiter, Long> entry = entries.next();
            if (entry.getValue() > position) {
                break;
            }
            taken.add(entry.getKey());
            entries.remove();
        }
        return taken;
    }

    /** Completes all present and later waiters with {@code event}. Only the first call has an effect. */
    public void complete(KeyEvent event) {
        List<Waiter> taken;
        synchronized (this) {
            if (completion != null) {
                return;
            }
            completion = event;
            taken = take(joined);
        }
        for (Waiter waiter : taken) {
            waiter.complete(event);
        }
    }
}
