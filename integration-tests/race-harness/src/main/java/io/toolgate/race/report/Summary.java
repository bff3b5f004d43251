package io.toolgate.race.report;

import static java.util.stream.Collectors.joining;

import io.toolgate.race.checker.Tally;
import io.toolgate.race.checker.Terms;
import io.toolgate.race.checker.Verdict;
import io.toolgate.race.history.Event.Answer;
import io.toolgate.race.result.RaceResult;
import io.toolgate.race.settings.RaceSettings;
import java.util.Locale;
import java.util.Map;

/** The top of the report: the verdict, the terms of the race, the command that repeats it, and the counts. */
final class Summary {
    private final Html html;
    private final RaceResult result;
    private final Terms terms;

    private Summary(Html html, RaceResult result, Terms terms) {
        this.html = html;
        this.result = result;
        this.terms = terms;
    }

    /** Writes the summary. */
    static void write(Html html, RaceResult result, Terms terms, String repeatCommand) {
        Summary summary = new Summary(html, result, terms);
        summary.banner();
        summary.conditions(repeatCommand);
        summary.counts();
    }

    private void banner() {
        Verdict verdict = result.verdict();
        html.open("section", "class", verdict.held() ? "banner held" : "banner violated", "id", "verdict");
        html.leaf("h1", verdict.held() ? "Held" : "Violated");
        if (verdict.held()) {
            html.leaf("p", claim());
        } else {
            html.leaf(
                    "p",
                    verdict.violations().stream()
                            .map(violation -> violation.kind().words())
                            .distinct()
                            .collect(joining("; ")));
        }
        html.close();
    }

    private String claim() {
        Tally tally = result.verdict().tally();
        String most = switch (terms.recovery()) {
            case HOLD -> "No key was charged more than once";
            case PROBE, RERUN ->
                tally.chargedTwice() == 0
                        ? "No key was charged more than once"
                        : "No key was charged more often than its recovery allows with this provider ("
                                + Texts.number(tally.chargedTwice()) + " charged again; see what was counted apart)";
        };
        return most + ", all callers of a key got the same result, and each result was stored before a caller got it.";
    }

    private void conditions(String repeatCommand) {
        RaceSettings settings = result.settings();
        html.open("section", "id", "run");
        html.open("dl", "class", "facts");
        fact("database", result.database());
        fact(
                "race",
                Texts.number(settings.processes()) + (settings.processes() == 1 ? " process" : " processes") + ", "
                        + Texts.count(result.keys(), "key") + ", each called by "
                        + Texts.count(settings.duplicates(), "thread") + " of each process, for "
                        + String.format(Locale.ROOT, "%,.1f s", result.seconds()));
        fact(
                "recovery",
                Texts.of(terms.recovery()) + ", with a provider that "
                        + (terms.dedupes() ? "charges once for one provider key" : "does not dedupe"));
        fact(
                "times",
                "lease " + Texts.number(terms.leaseMillis()) + " ms, wait up to " + Texts.number(terms.waitMillis())
                        + " ms, a charge takes " + Texts.number(settings.actionMillis()) + " ms");
        fact("faults", faults());
        if (settings.runtime() != null) {
            fact("runtime", settings.runtime() + " (deliberately broken)");
        }
        fact("seed", Long.toString(settings.seed()));
        html.leaf("dt", "repeat with");
        html.open("dd");
        html.leaf("code", repeatCommand, "class", "command");
        html.close();
        if (result.files() != null) {
            fact("files", result.files());
        }
        html.close();
        if (!result.complaints().isEmpty()) {
            html.open("details");
            html.leaf(
                    "summary",
                    "Complaints of the processes: "
                            + Texts.count(result.complaints().size(), "line"));
            html.leaf("pre", String.join("\n", result.complaints()));
            html.close();
        }
        html.close();
    }

    private String faults() {
        Tally tally = result.verdict().tally();
        String asked = result.settings().failpoints().stream()
                .map(fault -> (fault.point() == null ? "" : fault.point().text() + ":") + Texts.of(fault.kind()))
                .collect(joining(", "));
        return Texts.count(tally.kills(), "kill") + ", " + Texts.count(tally.freezes(), "freeze") + ", "
                + Texts.count(tally.reclockings(), "clock jump")
                + (asked.isEmpty() ? "" : "; aimed at " + asked);
    }

    private void fact(String name, String value) {
        html.leaf("dt", name);
        html.leaf("dd", value);
    }

    private void counts() {
        Tally tally = result.verdict().tally();
        html.open("section", "id", "counts");
        html.leaf("h2", "What was counted");
        html.open("div", "class", "counts");
        html.open("table");
        count("keys called", tally.keys(), "");
        count("calls", tally.calls(), String.format(Locale.ROOT, "%,.0f answers a second", result.callsPerSecond()));
        for (Answer answer : Answer.values()) {
            if (answer == Answer.COMPLETED || tally.answered(answer) > 0) {
                count("… " + Texts.of(answer), tally.answered(answer), "");
            }
        }
        count("… cut by a kill", tally.unanswered(), "may have happened");
        html.close();
        html.open("table");
        count("charges", tally.charges(), "");
        count("keys charged twice", tally.chargedTwice(), "for whatever reason");
        count("… in the window", tally.chargedInWindow(), "see below");
        count("… in flight", tally.chargedInFlight(), "see below");
        count("… by a rerun", tally.chargedByRerun(), "see below");
        count("executed", tally.executed(), "");
        count("replayed", tally.replayed(), "");
        count("recovered", tally.recovered(), "by a probe");
        html.close();
        html.open("table");
        count("takeovers", tally.takeovers(), "");
        count("starved keys", tally.starved(), "leases too short for this machine");
        count("stale completions refused", tally.staleRefused(), "");
        count("starved keys", tally.starved(), "leases too short for this machine");
        count("late results", tally.lateResults(), "stored for a key in doubt");
        count("results per key", tally.distinctResultsMax(), "different ones, at most");
        count("keys stored as acknowledged", tally.recorded(), "");
        tally.executedByProcess().entrySet().stream()
                .sorted(Map.Entry.comparingByKey())
                .limit(16)
                .forEach(entry -> count("run by process " + entry.getKey(), entry.getValue(), "keys"));
        html.close();
        html.close();
        html.close();
    }

    private void count(String name, long value, String note) {
        html.open("tr");
        html.leaf("th", name, "scope", "row");
        html.leaf("td", Texts.number(value), "class", "number");
        html.leaf("td", note, "class", "quiet");
        html.close();
    }
}
