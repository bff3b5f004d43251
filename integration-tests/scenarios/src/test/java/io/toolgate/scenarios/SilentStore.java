package io.toolgate.scenarios;

import io.toolgate.store.ForwardingStore;
import io.toolgate.store.IdempotencyStore;
import io.toolgate.store.Lease;
import java.time.Duration;
import java.util.Collection;
import java.util.HashSet;
import java.util.Set;

/** Store that drops heartbeats, like a frozen process. */
final class SilentStore extends ForwardingStore {
    SilentStore(IdempotencyStore target) {
        super(target);
    }

    @Override
    public Set<Lease> heartbeat(Collection<Lease> leases, Duration lease) {
        return new HashSet<>(leases);
    }
}
