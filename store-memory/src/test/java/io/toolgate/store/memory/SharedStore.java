package io.toolgate.store.memory;

import io.toolgate.store.IdempotencyStore;
import io.toolgate.store.contract.ForwardingStore;

/**
 * One of several handles to a memory store, which the contract takes for several processes on one database. Closed, it
 * passes everything on to a store that is really closed.
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
