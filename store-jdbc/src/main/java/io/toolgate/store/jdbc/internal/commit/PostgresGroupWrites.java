package io.toolgate.store.jdbc.internal.commit;

import io.toolgate.store.Lease;
import io.toolgate.store.RecordState;
import io.toolgate.store.jdbc.internal.commit.Write.Beat;
import io.toolgate.store.jdbc.internal.sql.SqlFiles.Name;
import io.toolgate.store.jdbc.internal.sql.SqlRunner;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** PostgreSQL's writes. Claims and ends of runs share one statement; heartbeats share one of theirs. */
public final class PostgresGroupWrites implements WriteBackend {
    private final SqlRunner statements;
    private final SingleStatementWrites single;

    PostgresGroupWrites(SqlRunner statements) {
        this.statements = statements;
        this.single = new SingleStatementWrites(statements);
    }

    @Override
    public <A> @Nullable A alone(Write<A> write) {
        return single.write(write);
    }

    /** A late end, of a record that is not in progress any more, is rare enough to go alone. */
    @Override
    public boolean canShare(Write<?> write) {
        return !(write instanceof Write.End end) || end.expected() == RecordState.IN_PROGRESS;
    }

    @Override
    public void together(List<PendingWrite<?>> writes) {
        // One that is by itself goes the same way: its own statement could wait for a lock for seconds, and the lane
        // with it.
        PostgresBatch batch = new PostgresBatch(statements, single);
        Map<Duration, List<PendingWrite<?>>> heartbeats = new HashMap<>();
        for (PendingWrite<?> shared : writes) {
            if (shared.write() instanceof Write.Heartbeat heartbeat) {
                heartbeats
                        .computeIfAbsent(heartbeat.length(), length -> new ArrayList<>())
                        .add(shared);
            } else {
                batch.add(shared);
            }
        }
        batch.write();
        heartbeats.forEach(this::renew);
    }

    private void renew(Duration length, List<PendingWrite<?>> heartbeats) {
        List<Lease> leases = heartbeats.stream()
                .flatMap(each -> ((Write.Heartbeat) each.write()).leases().stream())
                .sorted(Write.Heartbeat.ORDER)
                .toList();
        Set<Beat> alive = new HashSet<>(
                statements.write(Name.HEARTBEAT, s -> single.leases(s.bindNow(), leases, length), single::beat));
        for (PendingWrite<?> each : heartbeats) {
            @SuppressWarnings("unchecked") // of a heartbeat
            PendingWrite<Set<Beat>> heartbeat = (PendingWrite<Set<Beat>>) each;
            heartbeat.answer(alive);
        }
    }
}
