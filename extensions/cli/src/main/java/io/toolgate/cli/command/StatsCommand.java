package io.toolgate.cli.command;

import io.toolgate.cli.base.DatabaseOptions;
import io.toolgate.cli.base.Environment;
import io.toolgate.cli.base.OutputOptions;
import io.toolgate.cli.base.TimeOptions;
import io.toolgate.cli.health.PrometheusFormat;
import io.toolgate.cli.health.StoreStats;
import io.toolgate.cli.health.StoreStats.Line;
import io.toolgate.cli.output.Progress;
import io.toolgate.cli.output.Table;
import io.toolgate.cli.output.Texts;
import io.toolgate.cli.output.Times;
import io.toolgate.store.ActionCounts;
import io.toolgate.support.CommandLines;
import io.toolgate.support.UsageException;
import java.io.PrintWriter;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** The {@code stats} command. */
@Command(
        name = "stats",
        description = "Shows the health of a store: outcomes of calls and states of records. Reads the whole table.",
        footer = {
            "",
            "The services count calls by action and hour, and store the counts every few seconds: executed (runs with a"
                    + " result), replayed, recovered (a probe found the effect), rejected, released (no effect),"
                    + " doubted (effect unknown, or the owner vanished), conflicts (another input under the same key);"
                    + " and how often a lease was not renewed for half of its length, after which it may be lost.",
            "Unavailable counts completed records whose result is not stored: nothing runs again, and 'toolgate"
                    + " resolve' supplies the result.",
            "Reuse is replayed / (executed + replayed); the target is 95 %%.",
            "Rapid counts keys that ran again within 60 s of their first claim (fence above 1, changed less than 60 s"
                    + " after the claim; also a key that began anew after its retention and before a purge), and"
                    + " records created within 60 s of the retirement of the one before."
        },
        sortOptions = false)
public final class StatsCommand implements Callable<Integer> {
    private final Environment environment;

    @Option(
            names = "--since",
            paramLabel = "TIME",
            description = "Counts calls since then, by whole hours: 24h, 7d, or 2026-01-31T12:00:00Z. Default: all.")
    private @Nullable String since;

    @Option(names = "--prometheus", description = "Prints Prometheus's text format.")
    private boolean prometheus;

    @Mixin
    private final DatabaseOptions database;

    @Mixin
    private final OutputOptions output;

    /** The command, run in {@code environment}. */
    public StatsCommand(Environment environment) {
        this.environment = environment;
        this.database = new DatabaseOptions(environment);
        this.output = new OutputOptions(environment);
    }

    @Override
    public Integer call() {
        if (prometheus && (output.json() || since != null)) {
            throw new UsageException(
                    "--prometheus goes with neither --json nor --since: it prints totals, in a format of its own");
        }
        StoreStats stats;
        try (Progress progress = environment.progress("reading the table")) {
            stats = database.reader()
                    .read(view -> StoreStats.read(
                            view, since == null ? Instant.EPOCH : TimeOptions.time(since, "--since", view.now())));
        }
        if (prometheus) {
            PrometheusFormat.print(stats, environment.out());
            environment.out().flush();
        } else {
            output.print(object(stats), out -> table(stats, out));
        }
        return CommandLines.DONE;
    }

    private static void table(StoreStats stats, PrintWriter out) {
        Table calls = Table.of(
                "calls",
                ">executed",
                ">replayed",
                ">recovered",
                ">rejected",
                ">released",
                ">doubted",
                ">conflicts",
                ">reuse");
        Table records = Table.of(
                "records",
                ">retained",
                ">in progress",
                ">lease ended",
                ">in doubt",
                ">quarantined",
                ">oldest doubt",
                ">unavailable",
                ">rapid");
        for (Line line : stats.actions()) {
            row(calls, records, line, stats.now());
        }
        row(calls, records, stats.total(), stats.now());
        calls.print(out);
        out.println();
        records.print(out);
        out.println();
        out.println("Store size: " + Texts.bytes(stats.bytes()) + ".");
        if (stats.total().calls().lateHeartbeats() > 0) {
            out.println(Texts.count(
                            stats.total().calls().lateHeartbeats(),
                            "lease was not renewed for half of its length",
                            "leases were not renewed for half of their length")
                    + ": the services' logs say why (\"Heartbeats are late\").");
        }
        Double reuse = stats.total().reuse();
        if (reuse != null && reuse < StoreStats.REUSE_TARGET) {
            out.println("Reuse is " + percent(reuse) + ", below the target of " + percent(StoreStats.REUSE_TARGET)
                    + ": callers may be using a new key for each retry instead of the same one.");
        }
        if (stats.total().records().rapid() > 0) {
            out.println(Texts.count(stats.total().records().rapid(), "key", "keys")
                    + " ran again within 60 s: look at one with 'toolgate explain KEY'.");
        }
        if (stats.total().records().expired() > 0 || stats.total().records().inDoubt() > 0) {
            out.println("It is unknown for "
                    + Texts.count(
                            stats.total().records().expired()
                                    + stats.total().records().inDoubt(),
                            "record",
                            "records")
                    + " whether the effect happened: see 'toolgate list --state expired' and"
                    + " 'toolgate list --state in-doubt'.");
        }
        if (stats.total().records().unavailable() > 0) {
            out.println(Texts.count(
                            stats.total().records().unavailable(),
                            "record was completed without a result",
                            "records were completed without a result")
                    + ", which an operator can supply: see 'toolgate list --state unavailable'.");
        }
    }

    private static void row(Table calls, Table records, Line line, Instant now) {
        ActionCounts c = line.calls();
        Double reuse = line.reuse();
        calls.row(
                line.action(),
                Texts.number(c.executed()),
                Texts.number(c.replayed()),
                Texts.number(c.recovered()),
                Texts.number(c.rejected()),
                Texts.number(c.released()),
                Texts.number(c.doubted()),
                Texts.number(c.conflicts()),
                reuse == null ? "-" : percent(reuse));
        StoreStats.Records r = line.records();
        Duration doubt = line.doubtAge(now);
        records.row(
                line.action(),
                Texts.number(r.all()),
                Texts.number(r.live()),
                Texts.number(r.expired()),
                Texts.number(r.inDoubt()),
                Texts.number(r.quarantined()),
                doubt == null ? "-" : Times.shown(doubt),
                Texts.number(r.unavailable()),
                Texts.number(r.rapid()));
    }

    private static String percent(double share) {
        // Rounded down: a share below the target must not be shown as the target.
        return String.format(Locale.ROOT, "%.1f %%", Math.floor(share * 1000) / 10);
    }

    private Map<String, @Nullable Object> object(StoreStats stats) {
        Map<String, @Nullable Object> object = new LinkedHashMap<>();
        object.put("now", stats.now());
        object.put("since", since == null ? null : TimeOptions.time(since, "--since", stats.now()));
        object.put("reuse_target", StoreStats.REUSE_TARGET);
        object.put("bytes", stats.bytes());
        object.put("total", line(stats.total(), stats.now()));
        object.put(
                "actions",
                stats.actions().stream().map(line -> line(line, stats.now())).toList());
        return object;
    }

    private static Map<String, @Nullable Object> line(Line line, Instant now) {
        Map<String, @Nullable Object> object = new LinkedHashMap<>();
        object.put("action", line.action());
        object.put("executed", line.calls().executed());
        object.put("replayed", line.calls().replayed());
        object.put("recovered", line.calls().recovered());
        object.put("rejected", line.calls().rejected());
        object.put("released", line.calls().released());
        object.put("doubted", line.calls().doubted());
        object.put("conflicts", line.calls().conflicts());
        object.put("late_heartbeats", line.calls().lateHeartbeats());
        Double reuse = line.reuse();
        object.put("reuse_ratio", reuse);
        object.put("reuse_below_target", reuse != null && reuse < StoreStats.REUSE_TARGET);
        object.put("retained", line.records().all());
        object.put("in_progress", line.records().live());
        object.put("expired_leases", line.records().expired());
        object.put("in_doubt", line.records().inDoubt());
        object.put("quarantined", line.records().quarantined());
        Duration doubt = line.doubtAge(now);
        object.put("oldest_doubt_ms", doubt == null ? null : doubt.toMillis());
        object.put("unavailable_results", line.records().unavailable());
        object.put("rapid_reexecutions", line.records().rapid());
        return object;
    }
}
