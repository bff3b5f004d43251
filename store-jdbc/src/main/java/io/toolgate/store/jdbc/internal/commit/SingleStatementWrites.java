package io.toolgate.store.jdbc.internal.commit;

import io.toolgate.store.Checkpoint;
import io.toolgate.store.ClaimRequest;
import io.toolgate.store.Lease;
import io.toolgate.store.Payload;
import io.toolgate.store.RecordState;
import io.toolgate.store.StoreException;
import io.toolgate.store.jdbc.internal.commit.Write.ClaimAnswer;
import io.toolgate.store.jdbc.internal.commit.Write.Completed;
import io.toolgate.store.jdbc.internal.commit.Write.FoundLease;
import io.toolgate.store.jdbc.internal.sql.Dialect;
import io.toolgate.store.jdbc.internal.sql.Parameters;
import io.toolgate.store.jdbc.internal.sql.RecordMapper;
import io.toolgate.store.jdbc.internal.sql.SqlFiles.Name;
import io.toolgate.store.jdbc.internal.sql.SqlRunner;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Executes each kind of {@link Write} as a statement of its own, on a connection of a {@link SqlRunner}. Stateless. */
public final class SingleStatementWrites {
    /** The version of a record after its first run has completed without a checkpoint. */
    private static final long FIRST_COMPLETED = 2;

    private final SqlRunner sql;
    private final Dialect dialect;
    private final RecordMapper mapper;

    public SingleStatementWrites(SqlRunner sql) {
        this.sql = sql;
        this.dialect = sql.dialect();
        this.mapper = new RecordMapper(dialect);
    }

    /** Executes a write, and returns the answer; null as the kind of write says. */
    // Each kind has its own type of answer, which the compiler cannot see.
    @SuppressWarnings("unchecked")
    public <A> @Nullable A write(Write<A> write) {
        if (write instanceof Write.Claim claim) {
            return (A) claim(claim.request());
        } else if (write instanceof Write.Completion completion) {
            return (A) complete(completion);
        } else {
            return (A) heartbeat((Write.Heartbeat) write);
        }
    }

    private @Nullable ClaimAnswer claim(ClaimRequest request) {
        if (request.input() == null) {
            return claimAlone(request);
        }
        return sql.inTransaction(within -> {
            ClaimAnswer answer = new SingleStatementWrites(within).claimAlone(request);
            if (answer != null && answer.record() == null) {
                rememberInput(within, request);
            }
            return answer;
        });
    }

    /** Keeps the input of a claim, in the transaction that has just made it. */
    static void rememberInput(SqlRunner within, ClaimRequest request) {
        Payload input = request.input();
        if (input != null) {
            int unused = within.update(
                    Name.CLAIM_INPUT,
                    s -> s.bind("name", Checkpoint.INPUT)
                            .bind("codec", input.codec())
                            .bind("data", input.isNull() ? null : input.bytes())
                            .bind("id", request.id().toUuid())
                            .bind("token", request.token().toUuid()));
        }
    }

    private @Nullable ClaimAnswer claimAlone(ClaimRequest request) {
        if (dialect == Dialect.SQLITE) {
            return sql.writeOne(Name.CLAIM_INSERT, s -> bind(s.bindNow(), request))
                    .map(at -> new ClaimAnswer(at, null))
                    .orElse(null);
        }
        List<ClaimAnswer> rows = sql.write(Name.CLAIM_INSERT, s -> bind(s, request), row -> found(row, request));
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
                .bind("storesRows", request.storesRows())
                .bindLease(request.lease())
                .bind("retention", request.retention());
    }

    /** Maps a row of a claim's statement: the key was claimed, or has this record. */
    ClaimAnswer found(ResultSet row, ClaimRequest request) throws SQLException {
        return row.getBoolean("inserted") ? new ClaimAnswer(readAt(row), null) : standing(row, request);
    }

    /** Maps a row of a record that stood in the way of a claim. */
    ClaimAnswer standing(ResultSet row, ClaimRequest request) throws SQLException {
        return new ClaimAnswer(readAt(row), mapper.read(row, request.id()));
    }

    /** The store's time in a row. */
    Instant readAt(ResultSet row) throws SQLException {
        Instant at = dialect.instant(row, "read_at");
        if (at == null) {
            throw new StoreException.Corrupt(
                    "The database returned no time for a claim. Check the schema and triggers of tg_idempotency", null);
        }
        return at;
    }

    private @Nullable Completed complete(Write.Completion completion) {
        if (dialect == Dialect.SQLITE && mayCompleteFirst(completion)) {
            Optional<Instant> at = sql.writeOne(Name.COMPLETE_FIRST, s -> bind(s.bindNow(), completion));
            if (at.isPresent()) {
                return new Completed(FIRST_COMPLETED, at.get());
            }
        }
        List<Completed> rows = sql.write(
                completion.result() == null ? Name.FAIL : Name.COMPLETE,
                s -> bind(s.bindNow(), completion),
                this::completed);
        return rows.isEmpty() ? null : rows.get(0);
    }

    /** Whether this completes the first run of a key. Whether that left a checkpoint, only the database knows. */
    private static boolean mayCompleteFirst(Write.Completion completion) {
        return completion.result() != null
                && completion.lease().fence() == 1
                && completion.expected() == RecordState.IN_PROGRESS;
    }

    private static Parameters bind(Parameters bindings, Write.Completion completion) {
        Parameters bound = completion.result() == null
                ? bindings.bind("status", completion.target().name())
                        .bindFailure(completion.failure())
                        .bind("effect", String.valueOf(completion.effect()))
                        .bind("providerKeyStep", completion.providerKeyStep())
                : bindings.bindCompletion(completion.result(), null);
        return bound.bind("id", completion.lease().id().toUuid())
                .bind("token", completion.lease().token().toUuid())
                .bind("expected", completion.expected().name());
    }

    private Completed completed(ResultSet row) throws SQLException {
        Instant at = dialect.instant(row, "updated_at");
        return new Completed(row.getLong("version"), RecordMapper.requireTime(at));
    }

    /** Executes a heartbeat, or several as one. */
    Set<FoundLease> heartbeat(Write.Heartbeat heartbeat) {
        return new HashSet<>(sql.write(Name.HEARTBEAT, s -> bind(s.bindNow(), heartbeat), this::foundLease));
    }

    private FoundLease foundLease(ResultSet row) throws SQLException {
        return new FoundLease(
                dialect.uuid(row, "record_id"), dialect.uuid(row, "claim_token"), row.getBoolean("skipped"));
    }

    private Parameters bind(Parameters bindings, Write.Heartbeat heartbeat) {
        List<Lease> leases = heartbeat.leases();
        Parameters bound = bindings.bindLease(heartbeat.length());
        if (dialect == Dialect.POSTGRESQL) {
            return bound.bind("ids", leases.stream().map(l -> l.id().toUuid()).toArray(UUID[]::new))
                    .bind("tokens", leases.stream().map(l -> l.token().toUuid()).toArray(UUID[]::new))
                    .bind("writers", leases.stream().map(heartbeat::writer).toArray(String[]::new));
        }
        return bound.bind(
                "leases",
                leases.stream()
                        .map(l -> "[\"" + Parameters.hex(l.id().toUuid()) + "\",\""
                                + Parameters.hex(l.token().toUuid()) + "\",\"" + heartbeat.writer(l) + "\"]")
                        .collect(Collectors.joining(",", "[", "]")));
    }
}
