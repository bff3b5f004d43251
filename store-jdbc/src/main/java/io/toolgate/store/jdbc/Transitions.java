package io.toolgate.store.jdbc;

import io.toolgate.Failure;
import io.toolgate.store.ClaimMachine;
import io.toolgate.store.ClaimMachine.Decision;
import io.toolgate.store.IdempotencyRecord;
import io.toolgate.store.Lease;
import io.toolgate.store.Payload;
import io.toolgate.store.RecordState;
import io.toolgate.store.TransitionOutcome;
import io.toolgate.store.TransitionOutcome.Applied;
import io.toolgate.store.jdbc.Attempts.OnInterrupt;
import io.toolgate.store.jdbc.Sql.Name;
import io.toolgate.store.jdbc.Statements.Bindings;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * What an owner does to its record: renew its lease, complete it, fail it.
 *
 * <p>The token in the statement's condition says who may; the clock is never asked (rule 4 of SPEC.md). The common case is
 * one statement. Only where that finds nothing to do is the record read, and {@link ClaimMachine} says whether it is the
 * repetition of what was done, the late truth about a doubt, or somebody else's by now.
 */
final class Transitions {
    private final Statements statements;
    private final Reads reads;
    private final Attempts attempts;

    Transitions(Statements statements, Reads reads, Attempts attempts) {
        this.statements = statements;
        this.reads = reads;
        this.attempts = attempts;
    }

    TransitionOutcome complete(Lease lease, Payload result) {
        return end(lease, "the completion of ", new Completion(asStored(result)));
    }

    TransitionOutcome fail(Lease lease, Failure failure) {
        return end(lease, "the failure of ", new Failing(failure));
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
                () -> new HashSet<>(statements.write(
                        Name.HEARTBEAT,
                        s -> leases(s.bindNow().bindLease(length), sorted),
                        (row, context) -> beat(row))));
        return leases.stream()
                .filter(lease -> alive.contains(
                        new Beat(lease.id().toUuid(), lease.token().toUuid())))
                .collect(Collectors.toUnmodifiableSet());
    }

    /** A lease as the database answers it. */
    private record Beat(@Nullable UUID id, @Nullable UUID token) {}

    private Beat beat(ResultSet row) throws SQLException {
        Dialect dialect = statements.dialect();
        return new Beat(dialect.uuid(row, "record_id"), dialect.uuid(row, "claim_token"));
    }

    private Bindings leases(Bindings bindings, List<Lease> sorted) {
        if (statements.dialect() == Dialect.POSTGRESQL) {
            return bindings.bind(
                            "ids", sorted.stream().map(l -> l.id().toUuid()).toArray(UUID[]::new))
                    .bind("tokens", sorted.stream().map(l -> l.token().toUuid()).toArray(UUID[]::new));
        }
        return bindings.bind(
                "leases",
                sorted.stream()
                        .map(l -> "[\"" + hex(l.id().toUuid()) + "\",\""
                                + hex(l.token().toUuid()) + "\"]")
                        .collect(Collectors.joining(",", "[", "]")));
    }

    /** A JSON array of these ids in hexadecimal. */
    static String json(List<UUID> ids) {
        return ids.stream().map(id -> "\"" + hex(id) + "\"").collect(Collectors.joining(",", "[", "]"));
    }

    private static String hex(UUID value) {
        return HexFormat.of().formatHex(Dialect.bytes(value));
    }

    /** A reason reads back as a rejection, whatever kind it was; the repetition of a completion must compare equal. */
    private static Payload asStored(Payload result) {
        if (result.isAvailable()) {
            return result;
        }
        Failure reason = result.reason();
        return Payload.unavailable(RecordReader.unavailable(reason.code(), reason.message()));
    }

    private TransitionOutcome end(Lease lease, String what, Ending ending) {
        return attempts.run(what + lease.id(), OnInterrupt.FINISH, () -> attempt(lease, ending));
    }

    private @Nullable TransitionOutcome attempt(Lease lease, Ending ending) {
        TransitionOutcome ended = write(lease, ending, RecordState.IN_PROGRESS);
        if (ended != null) {
            return ended;
        }
        IdempotencyRecord current = reads.read(lease.id());
        // Without a record the time decides nothing.
        Instant now = current == null ? Instant.EPOCH : current.readAt();
        Decision<TransitionOutcome> decision = ending.decide(current, lease, now);
        if (current == null || decision.next().isEmpty()) {
            return decision.outcome();
        }
        // Race: a claim may take the record between the read and this write, and then nothing is written.
        return write(lease, ending, current.state());
    }

    private @Nullable TransitionOutcome write(Lease lease, Ending ending, RecordState expected) {
        Dialect dialect = statements.dialect();
        RecordState target = ending.target();
        List<TransitionOutcome> applied = statements.write(
                ending.statement(),
                s -> ending.bind(s.bindNow())
                        .bind("id", lease.id().toUuid())
                        .bind("token", lease.token().toUuid())
                        .bind("expected", expected.name()),
                (row, context) -> new Applied(
                        expected, target, row.getLong("version"), requireTime(dialect.instant(row, "updated_at"))));
        return applied.isEmpty() ? null : applied.get(0);
    }

    private static Instant requireTime(@Nullable Instant at) {
        if (at == null) {
            throw new IllegalStateException("updated_at came back NULL, which the schema does not allow");
        }
        return at;
    }

    /** One way to end a run. */
    private sealed interface Ending {
        RecordState target();

        Name statement();

        Bindings bind(Bindings bindings);

        Decision<TransitionOutcome> decide(@Nullable IdempotencyRecord current, Lease lease, Instant now);
    }

    private record Completion(Payload result) implements Ending {
        @Override
        public RecordState target() {
            return RecordState.COMPLETED;
        }

        @Override
        public Name statement() {
            return Name.COMPLETE;
        }

        @Override
        public Bindings bind(Bindings bindings) {
            return bindings.bindEnd(result, null);
        }

        @Override
        public Decision<TransitionOutcome> decide(@Nullable IdempotencyRecord current, Lease lease, Instant now) {
            return ClaimMachine.complete(current, lease, result, now);
        }
    }

    private record Failing(Failure failure) implements Ending {
        @Override
        public RecordState target() {
            return ClaimMachine.stateAfter(failure);
        }

        @Override
        public Name statement() {
            return Name.FAIL;
        }

        @Override
        public Bindings bind(Bindings bindings) {
            return bindings.bind("status", target().name())
                    .bind("failureCode", failure.code())
                    .bind("failureMessage", failure.message());
        }

        @Override
        public Decision<TransitionOutcome> decide(@Nullable IdempotencyRecord current, Lease lease, Instant now) {
            return ClaimMachine.fail(current, lease, failure, now);
        }
    }
}
