package io.toolgate.internal.waiting;

import io.toolgate.ToolGateException;
import java.util.concurrent.atomic.AtomicInteger;

/** How many calls may wait at one gate. */
public final class WaiterLimit {
    private final int limit;
    private final int limitPerKey;
    private final AtomicInteger waiting = new AtomicInteger();

    public WaiterLimit(int limit, int limitPerKey) {
        this.limit = limit;
        this.limitPerKey = limitPerKey;
    }

    public int perKey() {
        return limitPerKey;
    }

    /** Takes a place. Every call that returns is followed by one of {@link #leave}. */
    public void enter() {
        if (waiting.incrementAndGet() > limit) {
            leave();
            throw new ToolGateException.TooManyWaiters(limit, "at this gate");
        }
    }

    public void leave() {
        waiting.decrementAndGet();
    }
}
