package io.toolgate.race.result;

import io.toolgate.race.checker.Latencies;
import io.toolgate.race.checker.Tally;
import io.toolgate.race.checker.Violation;
import io.toolgate.race.history.Event.Answer;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.stream.Collectors;

/** A result table for people, with the rows that the {@code run} and {@code demo} commands share. */
public final class ResultTable {
    private static final int SHOWN = 12;
    private static final int LINES_SHOWN = 12;
    private static final int KEYS_NAMED = 3;

    private final RaceResult result;
    private final PrintWriter out;

    /** A table that begins with an empty line. */
    public ResultTable(RaceResult result, PrintWriter out) {
        this.result = result;
        this.out = out;
        out.println();
    }

    /** Prints a row. */
    public void row(String name, String value) {
        out.printf(Locale.ROOT, "  %-20s %s%n", name, value);
    }

    /** Prints the row with the answers that carry no result. */
    public void others() {
        String each = result.verdict().tally().answers().entrySet().stream()
                .filter(entry -> entry.getKey() != Answer.COMPLETED && entry.getValue() > 0)
                .map(entry ->
                        number(entry.getValue()) + " " + lower(entry.getKey()).replace('_', ' '))
                .collect(Collectors.joining(", "));
        row("others", each.isEmpty() ? "0" : each);
    }

    /** Prints the number of different results and the rate of calls. */
    public void results() {
        row("results per key", "at most " + number(result.verdict().tally().distinctResultsMax()) + " different");
        row("calls per second", number(Math.round(result.callsPerSecond())));
    }

    /** Prints the latency of calls that got another run's result. */
    public void replays() {
        row("replay latency", percentiles(result.verdict().figures().replaying()) + ", the wait for the run included");
    }

    /**
     * Prints the last rows: the runs of each process, and how to see more.
     *
     * @param repeat the command that repeats the race
     */
    public void whereToLook(String repeat) {
        row("keys run by process", byProcess());
        row("seed", Long.toString(result.settings().seed()));
        row("repeat with", repeat);
        List<String> said = result.complaints();
        if (!said.isEmpty()) {
            row("processes said", said.get(0) + more(said.size() - 1));
        }
        if (result.settings().keep()) {
            row("tenant kept", result.tenant());
        }
        if (result.files() != null) {
            row("files", result.files());
        }
        out.println();
    }

    /**
     * Prints the violations, and the verdict as the last line.
     *
     * @param held the text for guarantees that held
     */
    public void verdict(String held) {
        List<Violation> violations = result.verdict().violations();
        if (violations.isEmpty()) {
            out.println("VERDICT: held — " + held);
        } else {
            violations.stream().limit(SHOWN).forEach(this::violation);
            if (violations.size() > SHOWN) {
                out.println("  and " + number(violations.size() - SHOWN) + " more; --json lists all");
            }
            out.println();
            out.println("VERDICT: violated — "
                    + result.verdict().byKind().values().stream()
                            .map(ResultTable::summary)
                            .collect(Collectors.joining("; ")));
        }
        out.flush();
    }

    private void violation(Violation violation) {
        out.println("  " + violation.describe());
        List<String> lines = violation.lines();
        lines.stream().limit(LINES_SHOWN).forEach(line -> out.println("      " + line));
        if (lines.size() > LINES_SHOWN) {
            out.println("      and " + number(lines.size() - LINES_SHOWN) + " more lines");
        }
    }

    private static String summary(List<Violation> ofOneKind) {
        List<String> keys = ofOneKind.stream()
                .map(Violation::key)
                .filter(Objects::nonNull)
                .distinct()
                .toList();
        Violation first = ofOneKind.get(0);
        if (keys.isEmpty()) {
            return first.describe();
        }
        return first.kind().words() + ": " + keys(keys.size()) + " ("
                + keys.stream().limit(KEYS_NAMED).collect(Collectors.joining(", "))
                + (keys.size() > KEYS_NAMED ? ", …)" : ")");
    }

    private String byProcess() {
        Tally tally = result.verdict().tally();
        List<String> each = new ArrayList<>();
        for (int process = 1; process <= result.settings().processes(); process++) {
            each.add("#" + process + " " + number(tally.executedByProcess().getOrDefault(process, 0L)));
        }
        return String.join(", ", each);
    }

    private static String more(int lines) {
        return lines == 0 ? "" : " (and " + number(lines) + " lines more; --keep keeps them)";
    }

    /** A number of keys, in singular or plural. */
    public static String keys(long count) {
        return number(count) + (count == 1 ? " key" : " keys");
    }

    /** A number with commas. */
    public static String number(long value) {
        return String.format(Locale.ROOT, "%,d", value);
    }

    /** Percentiles on one line. */
    public static String percentiles(Latencies latencies) {
        return String.format(
                Locale.ROOT,
                "p50 %.1f ms, p99 %.1f ms, max %.1f ms",
                latencies.millis(0.5),
                latencies.millis(0.99),
                latencies.millis(1));
    }

    /** The name of a constant in lower case. */
    public static String lower(Enum<?> constant) {
        return constant.name().toLowerCase(Locale.ROOT);
    }
}
