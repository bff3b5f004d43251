package io.toolgate.cli.health;

import io.toolgate.cli.health.StoreStats.Line;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Function;
import java.util.function.ToLongFunction;

/** {@link StoreStats} in Prometheus's text format, one sample for each action; Prometheus computes the sums. */
public final class PrometheusFormat {
    private final StoreStats stats;
    private final PrintWriter out;

    private PrometheusFormat(StoreStats stats, PrintWriter out) {
        this.stats = stats;
        this.out = out;
    }

    /** Prints {@code stats}. */
    public static void print(StoreStats stats, PrintWriter out) {
        new PrometheusFormat(stats, out).print();
    }

    private void print() {
        Map<String, ToLongFunction<Line>> calls = new LinkedHashMap<>();
        calls.put("executed", line -> line.calls().executed());
        calls.put("replayed", line -> line.calls().replayed());
        calls.put("recovered", line -> line.calls().recovered());
        calls.put("rejected", line -> line.calls().rejected());
        calls.put("released", line -> line.calls().released());
        calls.put("doubted", line -> line.calls().doubted());
        calls.put("conflicts", line -> line.calls().conflicts());
        byLabel("toolgate_calls_total", "counter", "Calls by outcome.", "outcome", calls);
        Map<String, ToLongFunction<Line>> states = new LinkedHashMap<>();
        states.put("in_progress", line -> line.records().live());
        states.put("expired", line -> line.records().expired());
        states.put("in_doubt", line -> line.records().inDoubt());
        states.put("completed", line -> line.records().completed());
        states.put("rejected", line -> line.records().rejected());
        states.put("retryable", line -> line.records().retryable());
        byLabel(
                "toolgate_records",
                "gauge",
                "Retained records by state; expired is in progress under an expired lease.",
                "state",
                states);
        figure(
                "toolgate_late_heartbeats_total",
                "counter",
                "Leases of runs that were not renewed for half of their length.",
                line -> Long.toString(line.calls().lateHeartbeats()));
        gauge(
                "toolgate_quarantined_records",
                "Records in doubt that only an operator can resolve.",
                line -> Long.toString(line.records().quarantined()));
        gauge("toolgate_oldest_doubt_seconds", "Age of the oldest record in doubt, 0 if there is none.", line -> {
            Duration age = line.doubtAge(stats.now());
            return age == null ? "0" : Double.toString(age.toMillis() / 1000.0);
        });
        gauge(
                "toolgate_unavailable_results",
                "Completed records whose result is unavailable, and can be supplied by an operator.",
                line -> Long.toString(line.records().unavailable()));
        gauge(
                "toolgate_rapid_reexecutions",
                "Keys that ran again within 60 s of their first claim or of a retirement.",
                line -> Long.toString(line.records().rapid()));
        head("toolgate_store_bytes", "gauge", "Size of the store in bytes.");
        out.println("toolgate_store_bytes " + stats.bytes());
    }

    private void byLabel(
            String name, String type, String help, String label, Map<String, ToLongFunction<Line>> figures) {
        head(name, type, help);
        for (Line line : stats.actions()) {
            figures.forEach((value, figure) -> out.println(name + "{action=\"" + escaped(line.action()) + "\"," + label
                    + "=\"" + value + "\"} " + figure.applyAsLong(line)));
        }
    }

    private void gauge(String name, String help, Function<Line, String> figure) {
        figure(name, "gauge", help, figure);
    }

    private void figure(String name, String type, String help, Function<Line, String> figure) {
        head(name, type, help);
        for (Line line : stats.actions()) {
            out.println(name + "{action=\"" + escaped(line.action()) + "\"} " + figure.apply(line));
        }
    }

    private void head(String name, String type, String help) {
        out.println("# HELP " + name + " " + help);
        out.println("# TYPE " + name + " " + type);
    }

    private static String escaped(String label) {
        return label.replace("\\", "\\\\").replace("\"", "\\\"").replace("\n", "\\n");
    }
}
