package io.toolgate.cli.health;

import io.toolgate.cli.query.Row;
import io.toolgate.cli.query.StoreView;
import io.toolgate.store.ActionCounts;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.ToLongFunction;
import org.jspecify.annotations.Nullable;

/**
 * The figures of {@code stats} at one moment.
 *
 * @param now that moment
 * @param actions one line for each action, by name
 * @param total their sum
 * @param bytes size of the store
 */
public record StoreStats(Instant now, List<Line> actions, Line total, long bytes) {
    /** The target for {@link Line#reuse()}. */
    public static final double REUSE_TARGET = 0.95;

    /**
     * The figures of one action.
     *
     * @param calls what the services counted
     * @param records states of records
     * @param oldestDoubt when the oldest record in doubt came into doubt, or null
     */
    public record Line(
            ActionCounts calls, Records records, @Nullable Instant oldestDoubt) {
        /** The name of the action. */
        public String action() {
            return calls.action();
        }

        /** The share of results that were replayed, or null if there are no results. */
        public @Nullable Double reuse() {
            long results = calls.executed() + calls.replayed();
            return results == 0 ? null : (double) calls.replayed() / results;
        }

        /** Age of the oldest record in doubt at {@code now}, or null. */
        public @Nullable Duration doubtAge(Instant now) {
            return oldestDoubt == null ? null : Duration.between(oldestDoubt, now);
        }
    }

    /**
     * States of records, by number.
     *
     * @param all retained records
     * @param live in progress under a live lease
     * @param expired in progress under an expired lease
     * @param unavailable completed, and the result is unavailable
     * @param rapid whose key ran again within 60 s of its first claim, or of the retirement of its predecessor
     */
    public record Records(
            long all,
            long live,
            long expired,
            long inDoubt,
            long quarantined,
            long completed,
            long unavailable,
            long rejected,
            long retryable,
            long rapid) {
        private static Records of(@Nullable Row row, long rapidAfterRetirement) {
            if (row == null) {
                return new Records(0, 0, 0, 0, 0, 0, 0, 0, 0, rapidAfterRetirement);
            }
            return new Records(
                    row.number("records"),
                    row.number("in_progress"),
                    row.number("expired_leases"),
                    row.number("in_doubt"),
                    row.number("quarantined"),
                    row.number("completed"),
                    row.number("unavailable"),
                    row.number("rejected"),
                    row.number("retryable"),
                    row.number("rapid") + rapidAfterRetirement);
        }
    }

    /**
     * Reads the figures.
     *
     * @param since the hour from which on calls count
     */
    public static StoreStats read(StoreView view, Instant since) {
        Map<String, Row> calls = byAction(view.rows("stats_counts", Map.of("since", since.toEpochMilli())));
        Map<String, Row> records = byAction(view.rows("stats_records"));
        Map<String, Row> retired = byAction(view.rows("stats_retired"));
        Set<String> names = new TreeSet<>(calls.keySet());
        names.addAll(records.keySet());
        names.addAll(retired.keySet());
        List<Line> lines = new ArrayList<>();
        for (String name : names) {
            Row counted = calls.get(name);
            Row kept = records.get(name);
            Row again = retired.get(name);
            lines.add(new Line(
                    counts(name, counted),
                    Records.of(kept, again == null ? 0 : again.number("rapid")),
                    kept == null ? null : kept.timeOrNull("oldest_doubt")));
        }
        long bytes = view.row("stats_size", Map.of()).number("bytes");
        return new StoreStats(view.now(), List.copyOf(lines), total(lines), bytes);
    }

    private static Map<String, Row> byAction(List<Row> rows) {
        Map<String, Row> byAction = new HashMap<>();
        rows.forEach(row -> byAction.put(row.text("action"), row));
        return byAction;
    }

    private static ActionCounts counts(String action, @Nullable Row row) {
        if (row == null) {
            return new ActionCounts(action, 0, 0, 0, 0, 0, 0, 0, 0);
        }
        return new ActionCounts(
                action,
                row.number("executed"),
                row.number("replayed"),
                row.number("recovered"),
                row.number("rejected"),
                row.number("released"),
                row.number("doubted"),
                row.number("conflicts"),
                row.number("late_heartbeats"));
    }

    private static Line total(List<Line> lines) {
        ActionCounts calls = new ActionCounts(
                "(all)",
                sum(lines, line -> line.calls().executed()),
                sum(lines, line -> line.calls().replayed()),
                sum(lines, line -> line.calls().recovered()),
                sum(lines, line -> line.calls().rejected()),
                sum(lines, line -> line.calls().released()),
                sum(lines, line -> line.calls().doubted()),
                sum(lines, line -> line.calls().conflicts()),
                sum(lines, line -> line.calls().lateHeartbeats()));
        Records records = new Records(
                sum(lines, line -> line.records().all()),
                sum(lines, line -> line.records().live()),
                sum(lines, line -> line.records().expired()),
                sum(lines, line -> line.records().inDoubt()),
                sum(lines, line -> line.records().quarantined()),
                sum(lines, line -> line.records().completed()),
                sum(lines, line -> line.records().unavailable()),
                sum(lines, line -> line.records().rejected()),
                sum(lines, line -> line.records().retryable()),
                sum(lines, line -> line.records().rapid()));
        Instant oldest = null;
        for (Line line : lines) {
            Instant doubt = line.oldestDoubt();
            if (doubt != null && (oldest == null || doubt.isBefore(oldest))) {
                oldest = doubt;
            }
        }
        return new Line(calls, records, oldest);
    }

    private static long sum(List<Line> lines, ToLongFunction<Line> figure) {
        return lines.stream().mapToLong(figure).sum();
    }
}
