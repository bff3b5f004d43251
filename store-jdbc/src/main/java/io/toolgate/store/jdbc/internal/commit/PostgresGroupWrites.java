package io.toolgate.store.jdbc.internal.commit;

import io.toolgate.Failure;
import io.toolgate.store.ClaimRequest;
import io.toolgate.store.Lease;
import io.toolgate.store.Payload;
import io.toolgate.store.RecordState;
import io.toolgate.store.RunEffect;
import io.toolgate.store.StoreException;
import io.toolgate.store.jdbc.internal.commit.Write.ClaimAnswer;
import io.toolgate.store.jdbc.internal.commit.Write.Completed;
import io.toolgate.store.jdbc.internal.commit.Write.FoundLease;
import io.toolgate.store.jdbc.internal.sql.Dialect;
import io.toolgate.store.jdbc.internal.sql.Parameters;
import io.toolgate.store.jdbc.internal.sql.SqlFiles.Name;
import io.toolgate.store.jdbc.internal.sql.SqlRunner;
import java.sql.Array;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import java.util.function.Function;
import java.util.function.IntFunction;
import org.jspecify.annotations.Nullable;

/** Group commit on PostgreSQL: claims and completions share one statement, heartbeats another. */
public final class PostgresGroupWrites implements WriteBackend {
    private final SqlRunner sql;
    private final SingleStatementWrites single;

    PostgresGroupWrites(SqlRunner sql, SingleStatementWrites single) {
        this.sql = sql;
        this.single = single;
    }

    @Override
    public <A> @Nullable A alone(Write<A> write) {
        return single.write(write);
    }

    /**
     * Not a late result, for a record that is no longer in progress, which is rare; nor a claim that carries an input,
     * which takes a statement more.
     */
    @Override
    public boolean canShare(Write<?> write) {
        return write instanceof Write.Completion completion
                ? completion.expected() == RecordState.IN_PROGRESS
                : !(write instanceof Write.Claim claim) || claim.request().input() == null;
    }

    @Override
    public void together(List<PendingWrite<?>> writes) {
        // A single write takes this path too: its own statement could wait for a lock for seconds, and block the lane.
        Batch batch = new Batch(sql, single);
        Map<Duration, List<PendingWrite<?>>> heartbeats = new HashMap<>();
        for (PendingWrite<?> pending : writes) {
            if (pending.write() instanceof Write.Heartbeat heartbeat) {
                heartbeats
                        .computeIfAbsent(heartbeat.length(), length -> new ArrayList<>())
                        .add(pending);
            } else {
                batch.add(pending);
            }
        }
        batch.write();
        heartbeats.forEach(this::renew);
    }

    private void renew(Duration length, List<PendingWrite<?>> heartbeats) {
        List<Lease> leases = new ArrayList<>();
        Map<Lease, String> writers = new HashMap<>();
        for (PendingWrite<?> each : heartbeats) {
            Write.Heartbeat heartbeat = (Write.Heartbeat) each.write();
            leases.addAll(heartbeat.leases());
            writers.putAll(heartbeat.writers());
        }
        leases.sort(Write.Heartbeat.ORDER);
        Set<FoundLease> found = single.heartbeat(new Write.Heartbeat(leases, writers, length));
        for (PendingWrite<?> each : heartbeats) {
            @SuppressWarnings("unchecked") // of a heartbeat
            PendingWrite<Set<FoundLease>> heartbeat = (PendingWrite<Set<FoundLease>>) each;
            heartbeat.answer(found);
        }
    }

    /** The claims and completions of one shared commit, and their answers. Used by one thread. */
    private static final class Batch {
        /**
         * How long a shared commit waits for a locked row: longer than the commit of another process takes, with which
         * duplicates collide; short for the other writes of a batch in which one claim meets a long transaction.
         */
        private static final String LOCK_TIMEOUT = "50ms";

        private final SqlRunner sql;
        private final SingleStatementWrites single;

        // Sorted by id: the order in which all batches lock rows, so that no two deadlock.
        private final Map<UUID, Member<ClaimRequest, ClaimAnswer>> claims = new TreeMap<>();
        private final Map<UUID, Member<Write.Completion, Completed>> completions = new TreeMap<>();

        /** A write, and the pending call that gets its answer. */
        private record Member<W, A>(W write, PendingWrite<A> pending) {}

        Batch(SqlRunner sql, SingleStatementWrites single) {
            this.sql = sql;
            this.single = single;
        }

        /** Adds a claim or a completion of a record that is not in this batch yet. */
        @SuppressWarnings("unchecked") // each kind of write has one kind of answer
        void add(PendingWrite<?> pending) {
            UUID id = pending.write().records().get(0);
            if (pending.write() instanceof Write.Claim claim) {
                claims.put(id, new Member<>(claim.request(), (PendingWrite<ClaimAnswer>) pending));
            } else {
                completions.put(
                        id, new Member<>((Write.Completion) pending.write(), (PendingWrite<Completed>) pending));
            }
        }

        /** Writes all of them in one commit, and then answers each. */
        void write() {
            if (claims.isEmpty() && completions.isEmpty()) {
                return;
            }
            List<Runnable> answers = sql.write(Name.WRITE_TOGETHER, this::bind, this::answers);
            answers.forEach(Runnable::run);
            // No answer for the rest: the record came or went meanwhile, or is no longer this owner's.
            claims.values().forEach(claim -> claim.pending().answer(null));
            completions.values().forEach(completion -> completion.pending().answer(null));
        }

        private Parameters bind(Parameters bindings) {
            List<ClaimRequest> requests =
                    claims.values().stream().map(Member::write).toList();
            List<Write.Completion> requestedCompletions =
                    completions.values().stream().map(Member::write).toList();
            return bindings.bind("lockTimeout", LOCK_TIMEOUT)
                    .bind("ids", column(UUID[]::new, requests, each -> each.id().toUuid()))
                    .bind(
                            "tenants",
                            column(String[]::new, requests, each -> each.id().tenant()))
                    .bind(
                            "actions",
                            column(String[]::new, requests, each -> each.id().action()))
                    .bind(
                            "keys",
                            column(String[]::new, requests, each -> each.id().key()))
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
                    .bind("storesRows", column(Boolean[]::new, requests, ClaimRequest::storesRows))
                    .bind("leases", column(Long[]::new, requests, each -> micros(each.lease())))
                    .bind("retentions", column(Long[]::new, requests, each -> micros(each.retention())))
                    .bind(
                            "completionIds",
                            column(
                                    UUID[]::new,
                                    requestedCompletions,
                                    each -> each.lease().id().toUuid()))
                    .bind(
                            "completionTokens",
                            column(
                                    UUID[]::new,
                                    requestedCompletions,
                                    each -> each.lease().token().toUuid()))
                    .bind(
                            "statuses",
                            column(
                                    String[]::new,
                                    requestedCompletions,
                                    each -> each.target().name()))
                    .bind("results", column(byte[][]::new, requestedCompletions, Batch::result))
                    .bind("resultCodecs", column(String[]::new, requestedCompletions, Batch::codec))
                    .bind("failureCodes", column(String[]::new, requestedCompletions, Batch::failureCode))
                    .bind("failureMessages", column(String[]::new, requestedCompletions, Batch::failureMessage))
                    .bind("effects", column(String[]::new, requestedCompletions, Batch::effect))
                    .bind("providerKeySteps", column(Long[]::new, requestedCompletions, each ->
                            (long) each.providerKeyStep()));
        }

        private static <W, C> C[] column(IntFunction<C[]> array, List<W> writes, Function<W, @Nullable C> value) {
            return writes.stream().map(value).toArray(array);
        }

        private static long micros(Duration duration) {
            return Dialect.POSTGRESQL.count(duration);
        }

        private static @Nullable Payload shown(Write.Completion completion) {
            Payload result = completion.result();
            return result != null && result.isAvailable() ? result : null;
        }

        private static byte @Nullable [] result(Write.Completion completion) {
            Payload shown = shown(completion);
            return shown == null || shown.isNull() ? null : shown.bytes();
        }

        private static @Nullable String codec(Write.Completion completion) {
            Payload shown = shown(completion);
            return shown == null ? null : shown.codec();
        }

        private static @Nullable Failure failure(Write.Completion completion) {
            Payload result = completion.result();
            if (result == null) {
                return completion.failure();
            }
            return result.isAvailable() ? null : result.reason();
        }

        private static @Nullable String failureCode(Write.Completion completion) {
            Failure failure = failure(completion);
            return failure == null ? null : failure.code();
        }

        private static @Nullable String failureMessage(Write.Completion completion) {
            Failure failure = failure(completion);
            return failure == null ? null : failure.message();
        }

        private static @Nullable String effect(Write.Completion completion) {
            RunEffect effect = completion.effect();
            return effect == null ? null : effect.name();
        }

        /** Maps one row to the answers that are given after the commit. */
        private Runnable answers(ResultSet row) throws SQLException {
            UUID id = row.getObject("record_id", UUID.class);
            if (id != null) {
                return found(id, row);
            }
            Instant at = single.readAt(row);
            UUID[] claimed = array(row, "claimed_ids", new UUID[0]);
            UUID[] completed = array(row, "completed_ids", new UUID[0]);
            Long[] versions = array(row, "completed_versions", new Long[0]);
            return () -> {
                ClaimAnswer fresh = new ClaimAnswer(at, null);
                for (UUID each : claimed) {
                    of(claims, each).pending().answer(fresh);
                }
                for (int i = 0; i < completed.length; i++) {
                    of(completions, completed[i]).pending().answer(new Completed(versions[i], at));
                }
            };
        }

        private Runnable found(UUID id, ResultSet row) throws SQLException {
            Member<ClaimRequest, ClaimAnswer> claim = of(claims, id);
            try {
                ClaimAnswer found = single.standing(row, claim.write());
                return () -> claim.pending().answer(found);
            } catch (StoreException.Corrupt e) {
                // A row that cannot be read fails its own caller only.
                return () -> claim.pending().fail(e);
            }
        }

        private static <M> M of(Map<UUID, M> members, UUID id) {
            M member = members.get(id);
            if (member == null) {
                throw new IllegalStateException(
                        "the database answered for record " + id + ", which is not in the batch");
            }
            return member;
        }

        @SuppressWarnings("unchecked") // the driver's arrays are of the column's type
        private static <T> T[] array(ResultSet row, String column, T[] none) throws SQLException {
            Array array = row.getArray(column);
            return array == null ? none : (T[]) array.getArray();
        }
    }
}
