package io.toolgate.internal;

import io.toolgate.ToolGateException;
import java.util.concurrent.atomic.AtomicInteger;

/** How many calls may wait at one gate. */
final class WaiterLimit {
    private final int limit;
    private final int limitPerKey;
    private final AtomicInteger waiting = new AtomicInteger();

    WaiterLimit(int limit, int limitPerKey) {
        this.limit = limit;
        this.limitPerKey = limitPerKey;
    }

    int perKey() {
        return limitPerKey;
    }

    /** Takes a place. Every call that returns is followed by one of {@link #leave}. */
    void enter() {
        if (waiting.incrementAndGet() > limit) {
            leave();
            throw new ToolGateException.TooManyWaiters(limit, "at this gate");
        }
    }

    void leave() {
        waiting.decrementAndGet();
    }
}
