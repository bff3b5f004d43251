package io.toolgate.store.jdbc.internal.commit;

import io.toolgate.Failure;
import io.toolgate.store.ClaimRequest;
import io.toolgate.store.Payload;
import io.toolgate.store.StoreException;
import io.toolgate.store.jdbc.internal.commit.Write.ClaimAnswer;
import io.toolgate.store.jdbc.internal.commit.Write.Ended;
import io.toolgate.store.jdbc.internal.sql.Dialect;
import io.toolgate.store.jdbc.internal.sql.Parameters;
import io.toolgate.store.jdbc.internal.sql.SqlFiles.Name;
import io.toolgate.store.jdbc.internal.sql.SqlRunner;
import java.sql.Array;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import java.util.function.Function;
import java.util.function.IntFunction;
import org.jspecify.annotations.Nullable;

/** The claims and ends of one shared commit on PostgreSQL, and their answers. Used by one thread. */
public final class PostgresBatch {
    /**
     * How long a shared commit waits for a row that somebody else holds. Longer than a commit of another process takes, with which
     * duplicates collide; short for the neighbours of a claim that meets a long transaction.
     */
    private static final String LOCK_TIMEOUT = "50ms";

    private final SqlRunner statements;
    private final SingleStatementWrites single;

    // By id, in the order in which rows are locked.
    private final Map<UUID, Member<ClaimRequest, ClaimAnswer>> claims = new TreeMap<>();
    private final Map<UUID, Member<Write.End, Ended>> ends = new TreeMap<>();

    /** One write, and where its answer goes. */
    private record Member<W, A>(W write, PendingWrite<A> shared) {}

    PostgresBatch(SqlRunner statements, SingleStatementWrites single) {
        this.statements = statements;
        this.single = single;
    }

    /** Adds a claim or an end, of a record that is not here yet. */
    @SuppressWarnings("unchecked") // each kind of write has one kind of answer
    void add(PendingWrite<?> shared) {
        UUID id = shared.write().records().get(0);
        if (shared.write() instanceof Write.Claim claim) {
            claims.put(id, new Member<>(claim.request(), (PendingWrite<ClaimAnswer>) shared));
        } else {
            ends.put(id, new Member<>((Write.End) shared.write(), (PendingWrite<Ended>) shared));
        }
    }

    /** Writes, and then answers. */
    void write() {
        if (claims.isEmpty() && ends.isEmpty()) {
            return;
        }
        List<Runnable> answers = statements.write(Name.WRITE_TOGETHER, this::bind, this::answers);
        answers.forEach(Runnable::run);
        // Whoever is not among them: the record came or went meanwhile, or is not the owner's any more.
        claims.values().forEach(claim -> claim.shared().answer(null));
        ends.values().forEach(end -> end.shared().answer(null));
    }

    private Parameters bind(Parameters bindings) {
        List<ClaimRequest> requests =
                claims.values().stream().map(Member::write).toList();
        List<Write.End> endings = ends.values().stream().map(Member::write).toList();
        return bindings.bind("lockTimeout", LOCK_TIMEOUT)
                .bind("ids", column(UUID[]::new, requests, each -> each.id().toUuid()))
                .bind(
                        "tenants",
                        column(String[]::new, requests, each -> each.id().tenant()))
                .bind(
                        "actions",
                        column(String[]::new, requests, each -> each.id().action()))
                .bind("keys", column(String[]::new, requests, each -> each.id().key()))
                .bind(
                        "tokens",
                        column(UUID[]::new, requests, each -> each.token().toUuid()))
                .bind("owners", column(String[]::new, requests, ClaimRequest::owner))
                .bind(
                        "fingerprints",
                        column(
                                byte[][]::new,
                                requests,
                                each -> each.fingerprint().bytes()))
                .bind("leases", column(Long[]::new, requests, each -> micros(each.lease())))
                .bind("retentions", column(Long[]::new, requests, each -> micros(each.retention())))
                .bind(
                        "endIds",
                        column(UUID[]::new, endings, each -> each.lease().id().toUuid()))
                .bind(
                        "endTokens",
                        column(
                                UUID[]::new,
                                endings,
                                each -> each.lease().token().toUuid()))
                .bind(
                        "statuses",
                        column(String[]::new, endings, each -> each.target().name()))
                .bind("results", column(byte[][]::new, endings, PostgresBatch::result))
                .bind("resultCodecs", column(String[]::new, endings, PostgresBatch::codec))
                .bind("failureCodes", column(String[]::new, endings, PostgresBatch::failureCode))
                .bind("failureMessages", column(String[]::new, endings, PostgresBatch::failureMessage));
    }

    private static <W, C> C[] column(IntFunction<C[]> array, List<W> writes, Function<W, @Nullable C> value) {
        return writes.stream().map(value).toArray(array);
    }

    private static long micros(Duration duration) {
        return Dialect.POSTGRESQL.count(duration);
    }

    private static @Nullable Payload shown(Write.End end) {
        Payload result = end.result();
        return result != null && result.isAvailable() ? result : null;
    }

    private static byte @Nullable [] result(Write.End end) {
        Payload shown = shown(end);
        return shown == null || shown.isNull() ? null : shown.bytes();
    }

    private static @Nullable String codec(Write.End end) {
        Payload shown = shown(end);
        return shown == null ? null : shown.codec();
    }

    private static @Nullable Failure failure(Write.End end) {
        Payload result = end.result();
        if (result == null) {
            return end.failure();
        }
        return result.isAvailable() ? null : result.reason();
    }

    private static @Nullable String failureCode(Write.End end) {
        Failure failure = failure(end);
        return failure == null ? null : failure.code();
    }

    private static @Nullable String failureMessage(Write.End end) {
        Failure failure = failure(end);
        return failure == null ? null : failure.message();
    }

    /** Reads one row, and gives its answers, which are for after the commit. */
    private Runnable answers(ResultSet row) throws SQLException {
        UUID id = row.getObject("record_id", UUID.class);
        if (id != null) {
            return found(id, row);
        }
        Instant at = single.readAt(row);
        UUID[] claimed = array(row, "claimed_ids", new UUID[0]);
        UUID[] ended = array(row, "ended_ids", new UUID[0]);
        Long[] versions = array(row, "ended_versions", new Long[0]);
        return () -> {
            ClaimAnswer fresh = new ClaimAnswer(at, null);
            for (UUID each : claimed) {
                of(claims, each).shared().answer(fresh);
            }
            for (int i = 0; i < ended.length; i++) {
                of(ends, ended[i]).shared().answer(new Ended(versions[i], at));
            }
        };
    }

    private Runnable found(UUID id, ResultSet row) throws SQLException {
        Member<ClaimRequest, ClaimAnswer> claim = of(claims, id);
        try {
            ClaimAnswer found = single.standing(row, claim.write());
            return () -> claim.shared().answer(found);
        } catch (StoreException.Corrupt e) {
            // One row that cannot be read is its own caller's trouble.
            return () -> claim.shared().fail(e);
        }
    }

    private static <M> M of(Map<UUID, M> members, UUID id) {
        M member = members.get(id);
        if (member == null) {
            throw new IllegalStateException("an answer for a record that nobody asked for");
        }
        return member;
    }

    @SuppressWarnings("unchecked") // the driver's arrays are of the column's type
    private static <T> T[] array(ResultSet row, String column, T[] none) throws SQLException {
        Array array = row.getArray(column);
        return array == null ? none : (T[]) array.getArray();
    }
}
