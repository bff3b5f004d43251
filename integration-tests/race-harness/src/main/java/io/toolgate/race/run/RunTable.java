package io.toolgate.race.run;

import static io.toolgate.race.result.ResultTable.lower;
import static io.toolgate.race.result.ResultTable.number;
import static io.toolgate.race.result.ResultTable.percentiles;

import io.toolgate.race.checker.Figures;
import io.toolgate.race.checker.Tally;
import io.toolgate.race.result.RaceResult;
import io.toolgate.race.result.ResultTable;
import io.toolgate.race.settings.RaceSettings;
import io.toolgate.race.settings.RepeatCommand;
import java.io.PrintWriter;
import java.util.Locale;

/** The result of a race for people: a table, violations, charges counted apart, and the verdict on the last line. */
final class RunTable {
    private final RaceResult result;
    private final RaceSettings settings;
    private final Tally tally;
    private final PrintWriter out;

    private RunTable(RaceResult result, PrintWriter out) {
        this.result = result;
        this.settings = result.settings();
        this.tally = result.verdict().tally();
        this.out = out;
    }

    static void print(RaceResult result, PrintWriter out) {
        new RunTable(result, out).print();
    }

    private void print() {
        ResultTable table = new ResultTable(result, out);
        table.row("database", result.database());
        table.row("processes", number(settings.processes()) + replaced());
        table.row("keys", number(result.keys()));
        table.row(
                "recovery",
                lower(settings.recovery()) + ", and the provider "
                        + (settings.dedupes() ? "dedupes on the provider key" : "does not dedupe"));
        table.row(
                "faults",
                number(tally.kills()) + " kills, " + number(tally.freezes()) + " freezes, "
                        + number(tally.reclockings()) + " clock jumps");
        table.row(
                "calls",
                number(tally.calls()) + ", each key " + settings.duplicates() + " times in each process"
                        + (tally.unanswered() == 0 ? "" : "; " + number(tally.unanswered()) + " were cut by kills"));
        table.row("charges", number(tally.charges()));
        table.row("charged twice", number(tally.chargedTwice()));
        table.row("executed", number(tally.executed()));
        table.row("replayed", number(tally.replayed()));
        table.row("recovered", number(tally.recovered()));
        table.others();
        table.row(
                "takeovers",
                number(tally.takeovers()) + "; " + number(tally.staleRefused()) + " stale completions refused, "
                        + number(tally.lateResults()) + " late results accepted");
        if (tally.starved() > 0) {
            table.row(
                    "machine too slow",
                    ResultTable.keys(tally.starved()) + " whose heartbeats came late or took half a lease; give longer"
                            + " leases than " + settings.leaseMillis() + " ms");
        }
        table.results();
        Figures figures = result.verdict().figures();
        table.row("execute latency", percentiles(figures.executing()));
        table.replays();
        table.row("replay lag", percentiles(figures.replayLag()) + ", since the result was stored");
        table.whereToLook(RepeatCommand.run(settings));
        countedApart();
        table.verdict(held());
    }

    /** Charges that the design cannot rule out; a verdict never hides them. */
    private void countedApart() {
        if (tally.chargedInWindow() > 0) {
            out.printf(
                    Locale.ROOT,
                    "COUNTED APART: %s charged again in the documented window. Their owner was frozen between its"
                            + " last%n  ensureOwner() and the effect, lost its lease meanwhile, and charged after its"
                            + " successor had. Every%n  lease-based system has this window; only a provider that"
                            + " dedupes on providerKey, or refuses an old%n  fence, closes it.%n%n",
                    ResultTable.keys(tally.chargedInWindow()));
        }
        if (tally.chargedInFlight() > 0) {
            out.printf(
                    Locale.ROOT,
                    "COUNTED APART: %s charged again by a request that was on its way when its owner was killed. The"
                            + " provider%n  took longer than the lease to charge, and answered the successor's probe"
                            + " meanwhile that nothing had%n  happened. Let the lease be longer than the provider"
                            + " takes, or the probe say \"unknown\" until then.%n%n",
                    ResultTable.keys(tally.chargedInFlight()));
        }
        if (tally.chargedByRerun() > 0) {
            out.printf(
                    Locale.ROOT,
                    "COUNTED APART: %s charged again by a rerun. Recovery.rerun() declares that the provider dedupes"
                            + " on%n  providerKey; this one was set not to. Do not declare rerun for such a"
                            + " provider.%n%n",
                    ResultTable.keys(tally.chargedByRerun()));
        }
    }

    private String held() {
        if (settings.isCalm()) {
            return "every key was charged exactly once and every caller got the same bytes";
        }
        return switch (settings.recovery()) {
            case HOLD -> "no key was charged twice, and no two callers got different results";
            case PROBE, RERUN ->
                tally.chargedTwice() == 0
                        ? "every key was charged once, and no two callers got different results"
                        : "no two callers got different results; the further charges are those counted apart";
        };
    }

    private String replaced() {
        return tally.kills() == 0 ? "" : ", and " + number(tally.kills()) + " in the places of killed ones";
    }
}
