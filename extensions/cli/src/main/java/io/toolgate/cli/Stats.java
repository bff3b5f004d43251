package io.toolgate.cli;

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
 * The health of a store at one moment.
 *
 * @param now that moment
 * @param actions one line an action, in order of their names
 * @param total their sum
 * @param bytes how much room the store takes
 */
record Stats(Instant now, List<Line> actions, Line total, long bytes) {
    /** The share of calls that should be answered with what is stored already. */
    static final double REUSE_TARGET = 0.95;

    /**
     * What happened to calls of an action, and where its records stand.
     *
     * @param calls how often what happened, as the services counted it
     * @param records how many records are where
     * @param oldestDoubt since when the oldest doubt lasts, or null
     */
    record Line(
            String action,
            Calls calls,
            Records records,
            @Nullable Instant oldestDoubt) {
        /** How long the oldest doubt lasts at {@code now}, or null. */
        @Nullable
        Duration doubtAge(Instant now) {
            return oldestDoubt == null ? null : Duration.between(oldestDoubt, now);
        }
    }

    /** How often what happened to calls. */
    record Calls(
            long executed, long replayed, long recovered, long rejected, long released, long doubted, long conflicts) {
        private static final Calls NONE = new Calls(0, 0, 0, 0, 0, 0, 0);

        private static Calls of(Row row) {
            return new Calls(
                    row.number("executed"),
                    row.number("replayed"),
                    row.number("recovered"),
                    row.number("rejected"),
                    row.number("released"),
                    row.number("doubted"),
                    row.number("conflicts"));
        }

        /** The share of results that were replayed, or null if there were none. */
        @Nullable
        Double reuse() {
            long results = executed + replayed;
            return results == 0 ? null : (double) replayed / results;
        }
    }

    /**
     * How many records are where.
     *
     * @param all all that are retained
     * @param live in progress under a lease that has not ended
     * @param expired in progress under a lease that has ended
     * @param rapid whose key ran again within 60 s of the first claim, or of the retirement of the record before
     */
    record Records(
            long all,
            long live,
            long expired,
            long inDoubt,
            long quarantined,
            long completed,
            long rejected,
            long retryable,
            long rapid) {
        private static Records of(@Nullable Row row, long rapidAfterRetirement) {
            if (row == null) {
                return new Records(0, 0, 0, 0, 0, 0, 0, 0, rapidAfterRetirement);
            }
            return new Records(
                    row.number("records"),
                    row.number("in_progress"),
                    row.number("expired_leases"),
                    row.number("in_doubt"),
                    row.number("quarantined"),
                    row.number("completed"),
                    row.number("rejected"),
                    row.number("retryable"),
                    row.number("rapid") + rapidAfterRetirement);
        }
    }

    /**
     * Reads it.
     *
     * @param since from which hour on calls count
     */
    static Stats read(Reader.View view, Instant since) {
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
                    name,
                    counted == null ? Calls.NONE : Calls.of(counted),
                    Records.of(kept, again == null ? 0 : again.number("rapid")),
                    kept == null ? null : kept.timeOrNull("oldest_doubt")));
        }
        long bytes = view.row("stats_size", Map.of()).number("bytes");
        return new Stats(view.now(), List.copyOf(lines), total(lines), bytes);
    }

    private static Map<String, Row> byAction(List<Row> rows) {
        Map<String, Row> byAction = new HashMap<>();
        rows.forEach(row -> byAction.put(row.text("action"), row));
        return byAction;
    }

    private static Line total(List<Line> lines) {
        Calls calls = new Calls(
                sum(lines, line -> line.calls().executed()),
                sum(lines, line -> line.calls().replayed()),
                sum(lines, line -> line.calls().recovered()),
                sum(lines, line -> line.calls().rejected()),
                sum(lines, line -> line.calls().released()),
                sum(lines, line -> line.calls().doubted()),
                sum(lines, line -> line.calls().conflicts()));
        Records records = new Records(
                sum(lines, line -> line.records().all()),
                sum(lines, line -> line.records().live()),
                sum(lines, line -> line.records().expired()),
                sum(lines, line -> line.records().inDoubt()),
                sum(lines, line -> line.records().quarantined()),
                sum(lines, line -> line.records().completed()),
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
        return new Line("(all)", calls, records, oldest);
    }

    private static long sum(List<Line> lines, ToLongFunction<Line> figure) {
        return lines.stream().mapToLong(figure).sum();
    }
}
