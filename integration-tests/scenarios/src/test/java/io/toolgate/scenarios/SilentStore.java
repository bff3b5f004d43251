package io.toolgate.scenarios;

import io.toolgate.store.IdempotencyStore;
import io.toolgate.store.Lease;
import io.toolgate.store.contract.ForwardingStore;
import java.time.Duration;
import java.util.Collection;
import java.util.HashSet;
import java.util.Set;

/** A store whose heartbeats never arrive, as those of a frozen process do not. */
final class SilentStore extends ForwardingStore {
    SilentStore(IdempotencyStore target) {
        super(target);
    }

    @Override
    public Set<Lease> heartbeat(Collection<Lease> leases, Duration lease) {
        return new HashSet<>(leases);
    }
}
