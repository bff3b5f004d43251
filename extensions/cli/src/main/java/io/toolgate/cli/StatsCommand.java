package io.toolgate.cli;

import io.toolgate.cli.Stats.Line;
import java.io.PrintWriter;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** The {@code stats} command. */
@Command(
        name = "stats",
        description =
                "Shows the health of a store: what happened to calls, and where the records stand. Reads the whole table.",
        footer = {
            "",
            "Calls are counted by the services, by action and hour, and stored every few seconds: executed (runs that ended"
                    + " with a result), replayed, recovered (a probe found the effect), rejected, released (no effect), doubted,"
                    + " conflicts (another input under the same key).",
            "Reuse is replayed / (executed + replayed); 95 %% is the target.",
            "Rapid are keys that ran again within 60 s of their first claim (fence above 1, moved less than 60 s after the"
                    + " claim; a key that began anew after its retention and before a purge counts too), and records that were"
                    + " created within 60 s of the retirement of the one before."
        },
        sortOptions = false)
final class StatsCommand extends StoreCommand {
    @Option(
            names = "--since",
            paramLabel = "TIME",
            description = "Counts calls from then on: 24h, 7d, or 2026-01-31T12:00:00Z; whole hours. Default: all.")
    private @Nullable String since;

    @Option(names = "--prometheus", description = "Prints the text form that Prometheus reads.")
    private boolean prometheus;

    StatsCommand(Environment environment) {
        super(environment);
    }

    @Override
    public Integer call() {
        if (prometheus && (json() || since != null)) {
            throw new RefusedException(
                    "--prometheus goes with neither --json nor --since: its counters count everything");
        }
        Stats stats;
        try (Progress progress = Progress.of(environment(), "reading the table")) {
            stats = reader().look(view ->
                    Stats.read(view, since == null ? Instant.EPOCH : Times.time(since, "--since", view.now())));
        }
        if (prometheus) {
            Prometheus.print(stats, environment().out());
            environment().out().flush();
        } else {
            print(object(stats), out -> table(stats, out));
        }
        return ToolGateMain.DONE;
    }

    private static void table(Stats stats, PrintWriter out) {
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
                ">rapid");
        for (Line line : stats.actions()) {
            row(calls, records, line, stats.now());
        }
        row(calls, records, stats.total(), stats.now());
        calls.print(out);
        out.println();
        records.print(out);
        out.println();
        out.println("The store takes " + Texts.bytes(stats.bytes()) + ".");
        Double reuse = stats.total().calls().reuse();
        if (reuse != null && reuse < Stats.REUSE_TARGET) {
            out.println("Reuse is " + percent(reuse) + ", below its target of " + percent(Stats.REUSE_TARGET)
                    + ": callers may draw a new key for each retry instead of repeating it.");
        }
        if (stats.total().records().rapid() > 0) {
            out.println(Texts.count(stats.total().records().rapid(), "key", "keys")
                    + " ran again within 60 s: see 'toolgate explain KEY' for one of them.");
        }
        if (stats.total().records().expired() > 0 || stats.total().records().inDoubt() > 0) {
            out.println("Of "
                    + Texts.count(
                            stats.total().records().expired()
                                    + stats.total().records().inDoubt(),
                            "record",
                            "records")
                    + " nobody knows whether the effect happened: see 'toolgate list --state expired' and"
                    + " 'toolgate list --state in-doubt'.");
        }
    }

    private static void row(Table calls, Table records, Line line, Instant now) {
        Stats.Calls c = line.calls();
        Double reuse = c.reuse();
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
        Stats.Records r = line.records();
        Duration doubt = line.doubtAge(now);
        records.row(
                line.action(),
                Texts.number(r.all()),
                Texts.number(r.live()),
                Texts.number(r.expired()),
                Texts.number(r.inDoubt()),
                Texts.number(r.quarantined()),
                doubt == null ? "-" : Times.shown(doubt),
                Texts.number(r.rapid()));
    }

    private static String percent(double share) {
        // Cut off, not rounded: what is below the target must not look as if it met it.
        return String.format(Locale.ROOT, "%.1f %%", Math.floor(share * 1000) / 10);
    }

    private Map<String, @Nullable Object> object(Stats stats) {
        Map<String, @Nullable Object> object = new LinkedHashMap<>();
        object.put("now", stats.now());
        object.put("since", since == null ? null : Times.time(since, "--since", stats.now()));
        object.put("reuse_target", Stats.REUSE_TARGET);
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
        Double reuse = line.calls().reuse();
        object.put("reuse_ratio", reuse);
        object.put("reuse_below_target", reuse != null && reuse < Stats.REUSE_TARGET);
        object.put("retained", line.records().all());
        object.put("in_progress", line.records().live());
        object.put("expired_leases", line.records().expired());
        object.put("in_doubt", line.records().inDoubt());
        object.put("quarantined", line.records().quarantined());
        Duration doubt = line.doubtAge(now);
        object.put("oldest_doubt_ms", doubt == null ? null : doubt.toMillis());
        object.put("rapid_reexecutions", line.records().rapid());
        return object;
    }
}
