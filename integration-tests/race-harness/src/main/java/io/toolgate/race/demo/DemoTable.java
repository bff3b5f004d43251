package io.toolgate.race.demo;

import io.toolgate.race.RaceMain;
import io.toolgate.race.process.JavaLauncher;
import io.toolgate.race.verdict.Tally;
import io.toolgate.race.verdict.Violation;
import io.toolgate.race.worker.CallLine.Answer;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/** A demo's result for people: a table, what was violated, and the verdict on the last line. */
final class DemoTable {
    private static final int SHOWN = 20;
    private static final int KEYS_NAMED = 3;

    private final DemoResult result;
    private final PrintWriter out;

    DemoTable(DemoResult result, PrintWriter out) {
        this.result = result;
        this.out = out;
    }

    void print() {
        DemoSettings settings = result.settings();
        Tally tally = result.verdict().tally();
        out.println();
        row("database", result.database());
        row("processes", number(settings.processes()));
        row("keys", number(settings.keys()));
        row("calls", "%s, each key %d times in each process", number(tally.calls()), settings.duplicates());
        row("charges", number(tally.charges()));
        row("charged twice", number(tally.chargedTwice()));
        row("executed", number(tally.executed()));
        row("replayed", number(tally.replayed()));
        row("others", number(tally.others()) + others(tally));
        row("results a key", "at most %s different", number(tally.distinctResultsMax()));
        row("calls a second", number(Math.round(result.callsPerSecond())));
        row(
                "replay latency",
                "p50 %.1f ms, p99 %.1f ms, the wait for the run included",
                tally.replay().p50(),
                tally.replay().p99());
        row("keys run by process", byProcess(tally));
        row("seed", Long.toString(settings.seed()));
        row("repeat with", repeat(settings));
        List<String> complaints = result.complaints();
        if (!complaints.isEmpty()) {
            row("processes said", "%s%s", complaints.get(0), more(complaints.size() - 1));
        }
        if (settings.keep()) {
            row("tenant kept", result.tenant());
        }
        if (result.files() != null) {
            row("files", result.files());
        }
        out.println();
        verdict();
        out.flush();
    }

    private void verdict() {
        List<Violation> violations = result.verdict().violations();
        if (violations.isEmpty()) {
            out.println("VERDICT: held — every key was charged exactly once and every caller got the same bytes");
            return;
        }
        violations.stream().limit(SHOWN).forEach(violation -> out.println("  " + violation.describe()));
        if (violations.size() > SHOWN) {
            out.printf(Locale.ROOT, "  and %s more; --json lists all%n", number(violations.size() - SHOWN));
        }
        out.println();
        out.println("VERDICT: violated — "
                + result.verdict().byKind().entrySet().stream()
                        .map(entry -> summary(entry.getKey(), entry.getValue()))
                        .collect(Collectors.joining("; ")));
    }

    private static String summary(Violation.Kind kind, List<Violation> violations) {
        List<String> keys = new ArrayList<>();
        for (Violation violation : violations) {
            if (violation.key() != null) {
                keys.add(violation.key());
            }
        }
        if (keys.isEmpty()) {
            return violations.get(0).describe();
        }
        String some = keys.stream().limit(KEYS_NAMED).collect(Collectors.joining(", "));
        return kind.words() + ": " + number(keys.size()) + (keys.size() == 1 ? " key (" : " keys (") + some
                + (keys.size() > KEYS_NAMED ? ", …)" : ")");
    }

    private static String more(int lines) {
        return lines == 0 ? "" : " (and " + number(lines) + " lines more; --keep keeps them)";
    }

    private static String others(Tally tally) {
        String each = tally.answers().entrySet().stream()
                .filter(entry -> entry.getKey() != Answer.COMPLETED)
                .map(entry -> number(entry.getValue()) + " "
                        + entry.getKey().name().toLowerCase(Locale.ROOT).replace('_', ' '))
                .collect(Collectors.joining(", "));
        return each.isEmpty() ? "" : ": " + each;
    }

    private String byProcess(Tally tally) {
        List<String> each = new ArrayList<>();
        for (int number = 1; number <= result.settings().processes(); number++) {
            each.add("#" + number + " " + number(tally.executedByProcess().getOrDefault(number, 0L)));
        }
        return String.join(", ", each);
    }

    /** The command that does the same again. The password stays where it was given. */
    static String repeat(DemoSettings settings) {
        List<String> words = new ArrayList<>(JavaLauncher.asTyped(RaceMain.class));
        words.add("demo");
        if (settings.database() != null) {
            words.addAll(List.of("--url", settings.database().url()));
            if (settings.database().user() != null) {
                words.addAll(List.of("--user", settings.database().user()));
            }
        }
        words.addAll(List.of(
                "--processes",
                Integer.toString(settings.processes()),
                "--keys",
                Integer.toString(settings.keys()),
                "--duplicates",
                Integer.toString(settings.duplicates()),
                "--action-millis",
                Integer.toString(settings.actionMillis()),
                "--seed",
                Long.toString(settings.seed())));
        if (settings.bypass()) {
            words.add(DemoCommand.BYPASS);
        }
        return words.stream().map(DemoTable::quoted).collect(Collectors.joining(" "));
    }

    private static String quoted(String word) {
        return word.matches("[A-Za-z0-9_./:=@%+,-]+") ? word : "'" + word.replace("'", "'\\''") + "'";
    }

    private void row(String name, String format, Object... values) {
        row(name, String.format(Locale.ROOT, format, values));
    }

    private void row(String name, String value) {
        out.printf(Locale.ROOT, "  %-20s %s%n", name, value);
    }

    private static String number(long value) {
        return String.format(Locale.ROOT, "%,d", value);
    }
}
