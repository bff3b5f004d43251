package io.toolgate.race.demo;

import static io.toolgate.race.result.ResultTable.number;

import io.toolgate.race.checker.Tally;
import io.toolgate.race.result.RaceResult;
import io.toolgate.race.result.ResultTable;
import io.toolgate.race.settings.RaceSettings;
import java.io.PrintWriter;

/** The result of a demo for people: a table, violations, and the verdict on the last line. */
final class DemoTable {
    private DemoTable() {}

    static void print(RaceResult result, PrintWriter out) {
        RaceSettings settings = result.settings();
        Tally tally = result.verdict().tally();
        ResultTable table = new ResultTable(result, out);
        table.row("database", result.database());
        table.row("processes", number(settings.processes()));
        table.row("keys", number(result.keys()));
        table.row("calls", number(tally.calls()) + ", each key " + settings.duplicates() + " times in each process");
        table.row("charges", number(tally.charges()));
        table.row("charged twice", number(tally.chargedTwice()));
        table.row("executed", number(tally.executed()));
        table.row("replayed", number(tally.replayed()));
        table.others();
        table.results();
        table.replays();
        table.whereToLook(DemoCommand.repeat(settings));
        table.verdict("every key was charged exactly once and every caller got the same bytes");
    }
}
