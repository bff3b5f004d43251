package io.toolgate.internal.attempt;

import io.toolgate.internal.base.CallCounters;
import io.toolgate.internal.base.ListenerEvents;
import io.toolgate.internal.replay.ReplayStore;
import io.toolgate.store.IdempotencyStore;
import java.security.SecureRandom;

/**
 * The collaborators that attempts of one gate share. Immutable; everything in it is safe for use by many threads.
 *
 * @param owner the name of this process in the records that it owns
 * @param random the source of claim tokens
 * @param events the listener, called on the thread that reports an event
 */
public record AttemptContext(
        IdempotencyStore store,
        String owner,
        SecureRandom random,
        ActiveRuns runs,
        LeaseKeeper leases,
        OrphanedClaims orphans,
        ReplayStore replays,
        CallCounters counters,
        ListenerEvents events) {}
