package io.toolgate.store.jdbc.internal.commit;

import io.toolgate.store.ClaimRequest;
import io.toolgate.store.Lease;
import io.toolgate.store.RecordState;
import io.toolgate.store.StoreException;
import io.toolgate.store.jdbc.internal.commit.Write.Beat;
import io.toolgate.store.jdbc.internal.commit.Write.ClaimAnswer;
import io.toolgate.store.jdbc.internal.commit.Write.Ended;
import io.toolgate.store.jdbc.internal.sql.Dialect;
import io.toolgate.store.jdbc.internal.sql.Parameters;
import io.toolgate.store.jdbc.internal.sql.RecordMapper;
import io.toolgate.store.jdbc.internal.sql.SqlFiles.Name;
import io.toolgate.store.jdbc.internal.sql.SqlRunner;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Each kind of {@link Write} as one statement, on whatever connection {@link SqlRunner} gives it. */
public final class SingleStatementWrites {
    /** The version of a record that its first run completed without leaving a mark. */
    private static final long FIRST_COMPLETED = 2;

    private final SqlRunner statements;
    private final Dialect dialect;
    private final RecordMapper reader;

    public SingleStatementWrites(SqlRunner statements) {
        this.statements = statements;
        this.dialect = statements.dialect();
        this.reader = new RecordMapper(dialect);
    }

    /** Writes, and gives the answer; null as the kind of write says. */
    // Each kind has its own type of answer, which the compiler cannot see.
    @SuppressWarnings("unchecked")
    public <A> @Nullable A write(Write<A> write) {
        if (write instanceof Write.Claim claim) {
            return (A) claim(claim.request());
        } else if (write instanceof Write.End end) {
            return (A) end(end);
        } else {
            return (A) heartbeat((Write.Heartbeat) write);
        }
    }

    private @Nullable ClaimAnswer claim(ClaimRequest request) {
        if (dialect == Dialect.SQLITE) {
            return statements
                    .writeOne(Name.CLAIM_INSERT, s -> bind(s.bindNow(), request))
                    .map(at -> new ClaimAnswer(at, null))
                    .orElse(null);
        }
        List<ClaimAnswer> rows = statements.write(Name.CLAIM_INSERT, s -> bind(s, request), row -> found(row, request));
        return rows.isEmpty() ? null : rows.get(0);
    }

    private static Parameters bind(Parameters bindings, ClaimRequest request) {
        return bindings.bind("id", request.id().toUuid())
                .bind("tenant", request.id().tenant())
                .bind("action", request.id().action())
                .bind("key", request.id().key())
                .bind("token", request.token().toUuid())
                .bind("owner", request.owner())
                .bind("fingerprint", request.fingerprint().bytes())
                .bindLease(request.lease())
                .bind("retention", request.retention());
    }

    /** What a row of a claim's statement says: claimed, or the record that is there. */
    ClaimAnswer found(ResultSet row, ClaimRequest request) throws SQLException {
        return row.getBoolean("inserted") ? new ClaimAnswer(readAt(row), null) : standing(row, request);
    }

    /** What a row says of the record that is there. */
    ClaimAnswer standing(ResultSet row, ClaimRequest request) throws SQLException {
        return new ClaimAnswer(readAt(row), reader.read(row, request.id()));
    }

    /** The store's time, as a row tells it. */
    Instant readAt(ResultSet row) throws SQLException {
        Instant at = dialect.instant(row, "read_at");
        if (at == null) {
            throw new StoreException.Corrupt("The database did not tell its time", null);
        }
        return at;
    }

    private @Nullable Ended end(Write.End end) {
        if (dialect == Dialect.SQLITE && mayCompleteFirst(end)) {
            Optional<Instant> at = statements.writeOne(Name.COMPLETE_FIRST, s -> bind(s.bindNow(), end));
            if (at.isPresent()) {
                return new Ended(FIRST_COMPLETED, at.get());
            }
        }
        List<Ended> rows = statements.write(
                end.result() == null ? Name.FAIL : Name.COMPLETE, s -> bind(s.bindNow(), end), this::ended);
        return rows.isEmpty() ? null : rows.get(0);
    }

    /** Whether {@code end} completes the first run of a key; that it left a mark, only the database knows. */
    private static boolean mayCompleteFirst(Write.End end) {
        return end.result() != null && end.lease().fence() == 1 && end.expected() == RecordState.IN_PROGRESS;
    }

    private static Parameters bind(Parameters bindings, Write.End end) {
        Parameters bound = end.result() == null
                ? bindings.bind("status", end.target().name()).bindFailure(end.failure())
                : bindings.bindEnd(end.result(), null);
        return bound.bind("id", end.lease().id().toUuid())
                .bind("token", end.lease().token().toUuid())
                .bind("expected", end.expected().name());
    }

    private Ended ended(ResultSet row) throws SQLException {
        Instant at = dialect.instant(row, "updated_at");
        if (at == null) {
            throw new IllegalStateException("updated_at came back NULL, which the schema does not allow");
        }
        return new Ended(row.getLong("version"), at);
    }

    private Set<Beat> heartbeat(Write.Heartbeat heartbeat) {
        return new HashSet<>(statements.write(
                Name.HEARTBEAT, s -> leases(s.bindNow(), heartbeat.leases(), heartbeat.length()), this::beat));
    }

    /** Which lease a row of a heartbeat's statement is about. */
    public Beat beat(ResultSet row) throws SQLException {
        return new Beat(dialect.uuid(row, "record_id"), dialect.uuid(row, "claim_token"));
    }

    /** Binds the leases of a heartbeat, and how long they are to last. */
    public Parameters leases(Parameters bindings, List<Lease> leases, Duration length) {
        Parameters bound = bindings.bindLease(length);
        if (dialect == Dialect.POSTGRESQL) {
            return bound.bind("ids", leases.stream().map(l -> l.id().toUuid()).toArray(UUID[]::new))
                    .bind("tokens", leases.stream().map(l -> l.token().toUuid()).toArray(UUID[]::new));
        }
        return bound.bind(
                "leases",
                leases.stream()
                        .map(l -> "[\"" + Parameters.hex(l.id().toUuid()) + "\",\""
                                + Parameters.hex(l.token().toUuid()) + "\"]")
                        .collect(Collectors.joining(",", "[", "]")));
    }
}
