package io.toolgate.store.jdbc;

import io.toolgate.store.Lease;
import io.toolgate.store.jdbc.Attempts.OnInterrupt;
import io.toolgate.store.jdbc.OpenCompletions.Batch;
import io.toolgate.store.jdbc.Sql.Name;
import io.toolgate.store.jdbc.Statements.Bindings;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Renews leases, many in one round trip. The token in the statement's condition says who may; the clock is never asked
 * (rule 4 of SPEC.md).
 *
 * <p>Those that a transaction of a caller's is just completing go apart, in a statement that waits for no lock: behind that
 * transaction all others of the process would starve (rule 8).
 */
final class Heartbeats {
    private final Statements statements;
    private final Attempts attempts;
    private final OpenCompletions completions;

    Heartbeats(Statements statements, Attempts attempts, OpenCompletions completions) {
        this.statements = statements;
        this.attempts = attempts;
        this.completions = completions;
    }

    Set<Lease> heartbeat(Collection<Lease> leases, Duration length) {
        if (leases.isEmpty()) {
            return Set.of();
        }
        List<Lease> sorted = leases.stream()
                .sorted(Comparator.comparing((Lease lease) -> lease.id().toUuid())
                        .thenComparing(lease -> lease.token().toUuid()))
                .toList();
        Set<Beat> alive = attempts.run(
                "the heartbeat of " + leases.size() + (leases.size() == 1 ? " lease" : " leases"),
                OnInterrupt.FINISH,
                () -> beat(sorted, length));
        return leases.stream()
                .filter(lease -> alive.contains(
                        new Beat(lease.id().toUuid(), lease.token().toUuid())))
                .collect(Collectors.toUnmodifiableSet());
    }

    /** A lease as the database answers it. */
    private record Beat(@Nullable UUID id, @Nullable UUID token) {}

    private Set<Beat> beat(List<Lease> sorted, Duration length) {
        Set<Beat> alive = new HashSet<>();
        Batch batch = completions.begin(sorted);
        try (batch) {
            if (!batch.usual().isEmpty()) {
                alive.addAll(statements.write(
                        Name.HEARTBEAT, s -> leases(s.bindNow().bindLease(length), batch.usual()), row -> beat(row)));
            }
        }
        if (!batch.open().isEmpty()) {
            List<Lease> open = List.copyOf(batch.open().keySet());
            alive.addAll(statements.write(
                    Name.HEARTBEAT_OPEN,
                    s -> writers(leases(s.bindNow().bindLease(length), open), open, batch),
                    row -> beat(row)));
        }
        return alive;
    }

    private Beat beat(ResultSet row) throws SQLException {
        Dialect dialect = statements.dialect();
        return new Beat(dialect.uuid(row, "record_id"), dialect.uuid(row, "claim_token"));
    }

    private Bindings leases(Bindings bindings, List<Lease> leases) {
        if (statements.dialect() == Dialect.POSTGRESQL) {
            return bindings.bind(
                            "ids", leases.stream().map(l -> l.id().toUuid()).toArray(UUID[]::new))
                    .bind("tokens", leases.stream().map(l -> l.token().toUuid()).toArray(UUID[]::new));
        }
        return bindings.bind(
                "leases",
                leases.stream()
                        .map(l -> "[\"" + Transitions.hex(l.id().toUuid()) + "\",\""
                                + Transitions.hex(l.token().toUuid()) + "\"]")
                        .collect(Collectors.joining(",", "[", "]")));
    }

    private Bindings writers(Bindings bindings, List<Lease> leases, Batch batch) {
        // SQLite has no row locks to tell apart.
        return statements.dialect() == Dialect.POSTGRESQL
                ? bindings.bind(
                        "writers", leases.stream().map(batch.open()::get).toArray(String[]::new))
                : bindings;
    }
}
