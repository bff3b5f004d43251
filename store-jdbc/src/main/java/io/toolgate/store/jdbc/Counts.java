package io.toolgate.store.jdbc;

import io.toolgate.store.ActionCounts;
import io.toolgate.store.jdbc.Attempts.OnInterrupt;
import io.toolgate.store.jdbc.Sql.Name;
import java.nio.charset.StandardCharsets;
import java.util.Collection;
import java.util.HexFormat;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * Adds to the counts that the health view shows. A report whose acknowledgement was lost may be counted twice: nothing is
 * decided by a count.
 */
final class Counts {
    private final Statements statements;
    private final Attempts attempts;

    Counts(Statements statements, Attempts attempts) {
        this.statements = statements;
        this.attempts = attempts;
    }

    /** Adds them, and returns whether there was anything to add. */
    boolean count(Collection<ActionCounts> counts) {
        SortedMap<String, ActionCounts> byAction = new TreeMap<>();
        counts.forEach(each -> byAction.merge(each.action(), each, Counts::sum));
        if (byAction.isEmpty()) {
            return false;
        }
        String json = byAction.values().stream().map(Counts::json).collect(Collectors.joining(",", "[", "]"));
        int rows = attempts.run(
                "a report of counts",
                OnInterrupt.STOP,
                () -> statements.update(Name.COUNT, s -> s.bindNow().bind("counts", json)));
        return rows > 0;
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
                a.conflicts() + b.conflicts());
    }

    private static String json(ActionCounts of) {
        String name = HexFormat.of().formatHex(of.action().getBytes(StandardCharsets.UTF_8));
        return "[\"" + name + "\"," + of.executed() + "," + of.replayed() + "," + of.recovered() + "," + of.rejected()
                + "," + of.released() + "," + of.doubted() + "," + of.conflicts() + "]";
    }
}
