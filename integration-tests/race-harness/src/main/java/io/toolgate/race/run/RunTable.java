package io.toolgate.race.run;

import io.toolgate.race.checker.Latencies;
import io.toolgate.race.checker.Tally;
import io.toolgate.race.checker.Violation;
import io.toolgate.race.history.Event.Answer;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** A race's result for people: a table, what was violated, what was counted apart, and the verdict on the last line. */
public final class RunTable {
    private static final int SHOWN = 12;
    private static final int LINES_SHOWN = 12;
    private static final int KEYS_NAMED = 3;

    private final RaceResult result;
    private final PrintWriter out;

    /** A table of {@code result}. */
    public RunTable(RaceResult result, PrintWriter out) {
        this.result = result;
        this.out = out;
    }

    /** Prints it all. */
    public void print() {
        RaceSettings settings = result.settings();
        Tally tally = result.verdict().tally();
        out.println();
        row("database", result.database());
        row("processes", number(settings.processes()) + replaced(tally));
        row("keys", number(result.keys()));
        row(
                "recovery",
                lower(settings.recovery()) + ", and the provider "
                        + (settings.dedupes() ? "dedupes on the provider key" : "does not dedupe"));
        row("faults", faults(tally));
        row(
                "calls",
                "%s, each key %d times in each process%s",
                number(tally.calls()),
                settings.duplicates(),
                tally.unanswered() == 0 ? "" : "; " + number(tally.unanswered()) + " were cut by kills");
        row("charges", number(tally.charges()));
        row("charged twice", number(tally.chargedTwice()));
        row("executed", number(tally.executed()));
        row("replayed", number(tally.replayed()));
        row("recovered", number(tally.recovered()));
        row("others", others(tally));
        row(
                "takeovers",
                "%s; %s stale ends refused, %s late truths taken",
                number(tally.takeovers()),
                number(tally.staleRefused()),
                number(tally.lateTruths()));
        row("results a key", "at most %s different", number(tally.distinctResultsMax()));
        row("calls a second", number(Math.round(result.callsPerSecond())));
        row("execute latency", percentiles(result.verdict().figures().executing()));
        row("replay latency", percentiles(result.verdict().figures().replaying()) + ", the wait for the run included");
        row("replay lag", percentiles(result.verdict().figures().replayLag()) + ", since the result was stored");
        row("keys run by process", byProcess(tally));
        row("seed", Long.toString(settings.seed()));
        row("repeat with", Repeat.command(settings));
        if (!result.complaints().isEmpty()) {
            row(
                    "processes said",
                    "%s%s",
                    result.complaints().get(0),
                    more(result.complaints().size() - 1));
        }
        if (settings.keep()) {
            row("tenant kept", result.tenant());
        }
        if (result.files() != null) {
            row("files", result.files());
        }
        out.println();
        countedApart(tally);
        verdict();
        out.flush();
    }

    /** What the design cannot rule out is never hidden behind a verdict. */
    private void countedApart(Tally tally) {
        if (tally.chargedInWindow() > 0) {
            out.printf(
                    Locale.ROOT,
                    "COUNTED APART: %s charged again in the documented window. Their owner was frozen between its last%n"
                            + "  ensureOwner() and the effect, lost its lease meanwhile, and charged after its successor had. Every%n"
                            + "  lease-based system has this window; only a provider that dedupes on providerKey, or refuses an old%n"
                            + "  fence, closes it.%n%n",
                    keys(tally.chargedInWindow()));
        }
        if (tally.chargedByRerun() > 0) {
            out.printf(
                    Locale.ROOT,
                    "COUNTED APART: %s charged again by a rerun. Recovery.rerun() declares that the provider dedupes on%n"
                            + "  providerKey; this one was told not to. Do not declare rerun for such a provider.%n%n",
                    keys(tally.chargedByRerun()));
        }
    }

    private void verdict() {
        List<Violation> violations = result.verdict().violations();
        if (violations.isEmpty()) {
            out.println("VERDICT: held — " + held());
            return;
        }
        for (Violation violation : violations.subList(0, Math.min(SHOWN, violations.size()))) {
            out.println("  " + violation.describe());
            violation.lines().stream().limit(LINES_SHOWN).forEach(line -> out.println("      " + line));
            if (violation.lines().size() > LINES_SHOWN) {
                out.printf(
                        Locale.ROOT,
                        "      and %d more lines%n",
                        violation.lines().size() - LINES_SHOWN);
            }
        }
        if (violations.size() > SHOWN) {
            out.printf(Locale.ROOT, "  and %s more; --json lists all%n", number(violations.size() - SHOWN));
        }
        out.println();
        Map<Violation.Kind, List<Violation>> kinds =
                violations.stream().collect(Collectors.groupingBy(Violation::kind, TreeMap::new, Collectors.toList()));
        out.println("VERDICT: violated — "
                + kinds.values().stream().map(RunTable::summary).collect(Collectors.joining("; ")));
    }

    private String held() {
        RaceSettings settings = result.settings();
        if (settings.isCalm()) {
            return "every key was charged exactly once and every caller got the same bytes";
        }
        return switch (settings.recovery()) {
            case HOLD -> "no key was charged twice, and nobody was told two different things";
            case PROBE, RERUN ->
                result.verdict().tally().chargedTwice() == 0
                        ? "every key was charged once, and nobody was told two different things"
                        : "nobody was told two different things; the further charges are those counted apart";
        };
    }

    private static String summary(List<Violation> violations) {
        Violation first = violations.get(0);
        List<String> keys = violations.stream()
                .map(Violation::key)
                .filter(Objects::nonNull)
                .distinct()
                .toList();
        if (keys.isEmpty()) {
            return first.describe();
        }
        return first.kind().words() + ": " + keys(keys.size()) + " ("
                + keys.stream().limit(KEYS_NAMED).collect(Collectors.joining(", "))
                + (keys.size() > KEYS_NAMED ? ", …)" : ")");
    }

    private static String keys(long count) {
        return number(count) + (count == 1 ? " key" : " keys");
    }

    private static String more(int lines) {
        return lines == 0 ? "" : " (and " + number(lines) + " lines more; --keep keeps them)";
    }

    private static String replaced(Tally tally) {
        return tally.kills() == 0 ? "" : ", and " + number(tally.kills()) + " in the places of killed ones";
    }

    private static String faults(Tally tally) {
        return number(tally.kills()) + " kills, " + number(tally.freezes()) + " freezes, " + number(tally.reclockings())
                + " clock jumps";
    }

    private static String others(Tally tally) {
        String each = tally.answers().entrySet().stream()
                .filter(entry -> entry.getKey() != Answer.COMPLETED && entry.getValue() > 0)
                .map(entry ->
                        number(entry.getValue()) + " " + lower(entry.getKey()).replace('_', ' '))
                .collect(Collectors.joining(", "));
        return each.isEmpty() ? "0" : each;
    }

    private String byProcess(Tally tally) {
        List<String> each = new ArrayList<>();
        for (int process = 1; process <= result.settings().processes(); process++) {
            each.add("#" + process + " " + number(tally.executedByProcess().getOrDefault(process, 0L)));
        }
        return String.join(", ", each);
    }

    private static String percentiles(Latencies latencies) {
        return String.format(
                Locale.ROOT,
                "p50 %.1f ms, p99 %.1f ms, max %.1f ms",
                latencies.millis(0.5),
                latencies.millis(0.99),
                latencies.millis(1));
    }

    private void row(String name, String format, Object... values) {
        row(name, String.format(Locale.ROOT, format, values));
    }

    private void row(String name, String value) {
        out.printf(Locale.ROOT, "  %-20s %s%n", name, value);
    }

    private static String lower(Enum<?> constant) {
        return constant.name().toLowerCase(Locale.ROOT);
    }

    private static String number(long value) {
        return String.format(Locale.ROOT, "%,d", value);
    }
}
