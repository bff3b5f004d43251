package io.toolgate.store.jdbc.internal.operation;

import io.toolgate.store.Lease;
import io.toolgate.store.jdbc.internal.commit.GroupCommit;
import io.toolgate.store.jdbc.internal.commit.Write;
import io.toolgate.store.jdbc.internal.commit.Write.FoundLease;
import io.toolgate.store.jdbc.internal.sql.Backoff;
import io.toolgate.store.jdbc.internal.sql.RetryLoop;
import io.toolgate.store.jdbc.internal.sql.RetryLoop.OnInterrupt;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.locks.LockSupport;

/**
 * Renews leases, many in one round trip. The token in the statement's condition identifies the owner; the clock plays
 * no part (rule 4 of SPEC.md).
 *
 * <p>The statement waits for no lock: a record that another transaction has locked is skipped, and the others are
 * renewed (rule 8). Skipped ones are asked for again a few times, since most locks last for milliseconds. One that
 * stays locked is not among the renewed leases, though it may still have its owner.
 *
 * <p>Race: a run begins to complete its record in a caller's transaction after its lease was sent. It is skipped then,
 * or found completed, and asked for again as that transaction's.
 */
public final class LeaseRenewals {
    private static final int TRIES_FOR_LOCKED = 5;
    private static final Duration FIRST_PAUSE = Duration.ofMillis(5);
    private static final Duration LONGEST_PAUSE = Duration.ofMillis(40);

    private final GroupCommit commits;
    private final RetryLoop retries;
    private final PendingCompletions completions;

    public LeaseRenewals(GroupCommit commits, RetryLoop retries, PendingCompletions completions) {
        this.commits = commits;
        this.retries = retries;
        this.completions = completions;
    }

    /** Renews {@code leases}; returns those that were. */
    public Set<Lease> heartbeat(Collection<Lease> leases, Duration length) {
        Set<Lease> renewed = new HashSet<>();
        List<Lease> left = List.copyOf(leases);
        Backoff backoff = new Backoff(FIRST_PAUSE, LONGEST_PAUSE);
        for (int tries = 0; tries < TRIES_FOR_LOCKED && !left.isEmpty(); tries++) {
            if (tries > 0) {
                // An interrupt only shortens it.
                LockSupport.parkNanos(backoff.nextNanos());
            }
            left = renew(left, length, renewed);
        }
        return Set.copyOf(renewed);
    }

    /** Adds those that were renewed, and returns those to ask for again. */
    private List<Lease> renew(List<Lease> leases, Duration length, Set<Lease> renewed) {
        List<Lease> sorted = leases.stream().sorted(Write.Heartbeat.ORDER).toList();
        Map<Lease, String> writers = completions.writers(sorted);
        Set<FoundLease> found = retries.run(
                "the heartbeat of " + leases.size() + (leases.size() == 1 ? " lease" : " leases"),
                OnInterrupt.FINISH,
                () -> commits.run(new Write.Heartbeat(sorted, writers, length)));
        List<Lease> again = new ArrayList<>();
        for (Lease lease : leases) {
            if (found.contains(FoundLease.renewed(lease))) {
                renewed.add(lease);
            } else if (found.contains(FoundLease.skipped(lease))
                    || (!writers.containsKey(lease) && completions.remembers(lease))) {
                again.add(lease);
            }
        }
        return again;
    }
}
