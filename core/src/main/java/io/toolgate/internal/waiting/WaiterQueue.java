package io.toolgate.internal.waiting;

import com.google.errorprone.annotations.CanIgnoreReturnValue;
import io.toolgate.ToolGateException;
import io.toolgate.internal.base.KeyEvent;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Where calls wait for news. The monitor is held for map operations only; waiters are told outside it.
 *
 * <p>Race: a waiter joins while the news arrives. For a flight, which {@linkplain #settle settles} once, it is either among
 * those who are told or takes the news from {@link #join}. For a watched record, news is only for those who joined before
 * the record was read ({@link #mark}): to a later one it may be stale.
 */
public final class WaiterQueue {
    private final Map<Waiter, Long> waiters = new LinkedHashMap<>();
    private long joined;
    private @Nullable KeyEvent settled;

    /**
     * Adds {@code waiter}, unless the point is settled: then returns the news instead of null.
     *
     * @throws ToolGateException.TooManyWaiters if {@code limit} wait here already
     */
    @CanIgnoreReturnValue
    public synchronized @Nullable KeyEvent join(Waiter waiter, int limit) {
        if (settled == null) {
            if (waiters.size() >= limit) {
                throw new ToolGateException.TooManyWaiters(limit, "for this key");
            }
            waiters.put(waiter, ++joined);
        }
        return settled;
    }

    public synchronized void leave(Waiter waiter) {
        var unused = waiters.remove(waiter);
    }

    synchronized boolean isEmpty() {
        return waiters.isEmpty();
    }

    /** Stands for everybody who has joined so far. */
    synchronized long mark() {
        return joined;
    }

    /** Removes and returns those who had joined by {@code mark}. */
    synchronized List<Waiter> take(long mark) {
        List<Waiter> taken = new ArrayList<>(waiters.size());
        Iterator<Map.Entry<Waiter, Long>> entries = waiters.entrySet().iterator();
        while (entries.hasNext()) {
            Map.Entry<Waiter, Long> entry = entries.next();
            if (entry.getValue() > mark) {
                break;
            }
            taken.add(entry.getKey());
            entries.remove();
        }
        return taken;
    }

    /** Tells everybody who waits, and everybody who comes later, {@code news}. Only the first call counts. */
    public void settle(KeyEvent news) {
        List<Waiter> told;
        synchronized (this) {
            if (settled != null) {
                return;
            }
            settled = news;
            told = take(joined);
        }
        for (Waiter waiter : told) {
            waiter.tell(news);
        }
    }
}
