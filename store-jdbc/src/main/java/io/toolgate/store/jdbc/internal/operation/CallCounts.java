package io.toolgate.store.jdbc.internal.operation;

import io.toolgate.store.ActionCounts;
import io.toolgate.store.jdbc.internal.sql.RetryLoop;
import io.toolgate.store.jdbc.internal.sql.RetryLoop.OnInterrupt;
import io.toolgate.store.jdbc.internal.sql.SqlFiles.Name;
import io.toolgate.store.jdbc.internal.sql.SqlRunner;
import java.nio.charset.StandardCharsets;
import java.util.Collection;
import java.util.HexFormat;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * Adds to the counts of calls that the health view shows. A report whose acknowledgement is lost may be counted twice:
 * no decision depends on a count.
 */
public final class CallCounts {
    private final SqlRunner sql;
    private final RetryLoop retries;

    public CallCounts(SqlRunner sql, RetryLoop retries) {
        this.sql = sql;
        this.retries = retries;
    }

    /** Adds {@code counts}. */
    public void count(Collection<ActionCounts> counts) {
        SortedMap<String, ActionCounts> byAction = new TreeMap<>();
        counts.forEach(each -> byAction.merge(each.action(), each, CallCounts::sum));
        if (byAction.isEmpty()) {
            return;
        }
        String json = byAction.values().stream().map(CallCounts::json).collect(Collectors.joining(",", "[", "]"));
        int unused = retries.run(
                "a report of counts",
                OnInterrupt.STOP,
                () -> sql.update(Name.COUNT, s -> s.bindNow().bind("counts", json)));
    }

    private static ActionCounts sum(ActionCounts a, ActionCounts b) {
        return new ActionCounts(
                a.action(),
                a.executed() + b.executed(),
                a.replayed() + b.replayed(),
                a.recovered() + b.recovered(),
                a.rejected() + b.rejected(),
                a.released() + b.released(),
                a.doubted() + b.doubted(),
                a.conflicts() + b.conflicts(),
                a.lateHeartbeats() + b.lateHeartbeats());
    }

    private static String json(ActionCounts of) {
        String name = HexFormat.of().formatHex(of.action().getBytes(StandardCharsets.UTF_8));
        return "[\"" + name + "\"," + of.executed() + "," + of.replayed() + "," + of.recovered() + "," + of.rejected()
                + "," + of.released() + "," + of.doubted() + "," + of.conflicts() + "," + of.lateHeartbeats()
                + "]";
    }
}
