package io.toolgate.store.jdbc.internal.operation;

import io.toolgate.store.Lease;
import io.toolgate.store.jdbc.internal.commit.GroupCommit;
import io.toolgate.store.jdbc.internal.commit.SingleStatementWrites;
import io.toolgate.store.jdbc.internal.commit.Write;
import io.toolgate.store.jdbc.internal.commit.Write.Beat;
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
 * Renews leases, many in one round trip. The token in the statement's condition says who may; the clock is never asked
 * (rule 4 of SPEC.md).
 *
 * <p>Those that a transaction of a caller's is just completing go apart, in a statement that waits for no lock: behind that
 * transaction all others of the process would starve (rule 8).
 */
public final class LeaseRenewals {
    private final SqlRunner statements;
    private final SingleStatementWrites single;
    private final GroupCommit commits;
    private final RetryLoop attempts;
    private final PendingCompletions completions;

    public LeaseRenewals(
            SqlRunner statements, GroupCommit commits, RetryLoop attempts, PendingCompletions completions) {
        this.statements = statements;
        this.single = new SingleStatementWrites(statements);
        this.commits = commits;
        this.attempts = attempts;
        this.completions = completions;
    }

    public Set<Lease> heartbeat(Collection<Lease> leases, Duration length) {
        if (leases.isEmpty()) {
            return Set.of();
        }
        List<Lease> sorted = leases.stream().sorted(Write.Heartbeat.ORDER).toList();
        Set<Beat> alive = attempts.run(
                "the heartbeat of " + leases.size() + (leases.size() == 1 ? " lease" : " leases"),
                OnInterrupt.FINISH,
                () -> beat(sorted, length));
        return leases.stream().filter(lease -> alive.contains(Beat.of(lease))).collect(Collectors.toUnmodifiableSet());
    }

    private Set<Beat> beat(List<Lease> sorted, Duration length) {
        Set<Beat> alive = new HashSet<>();
        Batch batch = completions.begin(sorted);
        try (batch) {
            if (!batch.usual().isEmpty()) {
                Set<Beat> renewed = commits.run(new Write.Heartbeat(batch.usual(), length));
                alive.addAll(renewed == null ? Set.of() : renewed);
            }
        }
        if (!batch.open().isEmpty()) {
            List<Lease> open = List.copyOf(batch.open().keySet());
            alive.addAll(statements.write(
                    Name.HEARTBEAT_OPEN,
                    s -> writers(single.leases(s.bindNow(), open, length), open, batch),
                    single::beat));
        }
        return alive;
    }

    private Parameters writers(Parameters bindings, List<Lease> leases, Batch batch) {
        // SQLite has no row locks to tell apart.
        return statements.dialect() == Dialect.POSTGRESQL
                ? bindings.bind(
                        "writers", leases.stream().map(batch.open()::get).toArray(String[]::new))
                : bindings;
    }
}
