package io.toolgate.store.jdbc.internal.operation;

import io.toolgate.store.Lease;
import io.toolgate.store.jdbc.internal.commit.GroupCommit;
import io.toolgate.store.jdbc.internal.commit.SingleStatementWrites;
import io.toolgate.store.jdbc.internal.commit.Write;
import io.toolgate.store.jdbc.internal.commit.Write.RenewedLease;
import io.toolgate.store.jdbc.internal.operation.PendingCompletions.Batch;
import io.toolgate.store.jdbc.internal.sql.Dialect;
import io.toolgate.store.jdbc.internal.sql.Parameters;
import io.toolgate.store.jdbc.internal.sql.RetryLoop;
import io.toolgate.store.jdbc.internal.sql.RetryLoop.OnInterrupt;
import io.toolgate.store.jdbc.internal.sql.SqlFiles.Name;
import io.toolgate.store.jdbc.internal.sql.SqlRunner;
import java.time.Duration;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Renews leases, many in one round trip. The token in the statement's condition identifies the owner; the clock plays
 * no part (rule 4 of SPEC.md).
 *
 * <p>A lease whose record is being completed in a caller's transaction is renewed by a statement of its own that waits
 * for no lock: behind that transaction all other leases of the process would expire (rule 8).
 */
public final class LeaseRenewals {
    private final SqlRunner sql;
    private final SingleStatementWrites single;
    private final GroupCommit commits;
    private final RetryLoop retries;
    private final PendingCompletions completions;

    public LeaseRenewals(
            SqlRunner sql,
            SingleStatementWrites single,
            GroupCommit commits,
            RetryLoop retries,
            PendingCompletions completions) {
        this.sql = sql;
        this.single = single;
        this.commits = commits;
        this.retries = retries;
        this.completions = completions;
    }

    public Set<Lease> heartbeat(Collection<Lease> leases, Duration length) {
        if (leases.isEmpty()) {
            return Set.of();
        }
        List<Lease> sorted = leases.stream().sorted(Write.Heartbeat.ORDER).toList();
        Set<RenewedLease> alive = retries.run(
                "the heartbeat of " + leases.size() + (leases.size() == 1 ? " lease" : " leases"),
                OnInterrupt.FINISH,
                () -> renew(sorted, length));
        return leases.stream()
                .filter(lease -> alive.contains(RenewedLease.of(lease)))
                .collect(Collectors.toUnmodifiableSet());
    }

    private Set<RenewedLease> renew(List<Lease> sorted, Duration length) {
        Set<RenewedLease> alive = new HashSet<>();
        Batch batch = completions.begin(sorted);
        try (batch) {
            if (!batch.usual().isEmpty()) {
                Set<RenewedLease> renewed = commits.run(new Write.Heartbeat(batch.usual(), length));
                alive.addAll(renewed == null ? Set.of() : renewed);
            }
        }
        if (!batch.open().isEmpty()) {
            List<Lease> open = List.copyOf(batch.open().keySet());
            alive.addAll(sql.write(
                    Name.HEARTBEAT_OPEN,
                    s -> bindWriters(single.leases(s.bindNow(), open, length), open, batch),
                    single::renewedLease));
        }
        return alive;
    }

    private Parameters bindWriters(Parameters bindings, List<Lease> leases, Batch batch) {
        // SQLite has no row locks to tell apart.
        return sql.dialect() == Dialect.POSTGRESQL
                ? bindings.bind(
                        "writers", leases.stream().map(batch.open()::get).toArray(String[]::new))
                : bindings;
    }
}
