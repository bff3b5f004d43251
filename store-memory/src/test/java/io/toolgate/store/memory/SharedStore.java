package io.toolgate.store.memory;

import io.toolgate.store.ForwardingStore;
import io.toolgate.store.IdempotencyStore;

/**
 * Handle to a shared memory store; the contract opens several, as if they were processes on one database. A closed
 * handle delegates to a store that is really closed.
 */
final class SharedStore extends ForwardingStore {
    private volatile IdempotencyStore store;

    SharedStore(MemoryIdempotencyStore store) {
        super(store);
        this.store = store;
    }

    @Override
    protected IdempotencyStore target() {
        return store;
    }

    @Override
    public void close() {
        MemoryIdempotencyStore closed = MemoryIdempotencyStore.create();
        closed.close();
        store = closed;
    }
}
