package io.toolgate.race.verify;

import io.toolgate.race.checker.Violation;
import io.toolgate.race.result.RaceResult;
import io.toolgate.race.run.Race;
import io.toolgate.race.settings.RaceSettings;
import io.toolgate.race.verify.Verification.Caught;
import io.toolgate.race.verify.Verification.Passed;
import io.toolgate.support.process.RunDirectory;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.Writer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;

/** Verification of the harness: races the broken runtimes, and then the real one under each of their conditions. */
final class Verifier {
    /** A fault that depends on timing gets so many races, each with a seed of its own. */
    private static final int MAX_RACES = 3;

    private static final int MAX_MINUTES = 15;

    private final List<Mutant> mutants;
    private final long seed;
    private final PrintWriter progress;
    private final Races races;

    Verifier(List<Mutant> mutants, long seed, PrintWriter progress, Races races) {
        this.mutants = mutants;
        this.seed = seed;
        this.progress = progress;
        this.races = races;
    }

    /** Runs one race. */
    interface Races {
        /** Returns the violations found; empty if this process was stopped meanwhile. */
        Optional<List<Violation>> race(RaceSettings settings) throws IOException, InterruptedException;
    }

    /** Real races, whose processes' complaints are printed. */
    static Races races(PrintWriter complaints) {
        return settings -> {
            Optional<RaceResult> result = new Race(settings, new PrintWriter(Writer.nullWriter()), complaints).run();
            // Only the evidence against the real runtime is worth keeping.
            if (result.isPresent() && result.get().files() != null && settings.runtime() != null) {
                RunDirectory.deleteTree(Path.of(result.get().files()));
            }
            return result.map(one -> one.verdict().violations());
        };
    }

    /** Runs all races; empty if this process was stopped meanwhile. */
    Optional<Verification> run() throws IOException, InterruptedException {
        long start = System.nanoTime();
        report("seed %d", seed);
        List<Caught> caught = new ArrayList<>();
        for (Mutant mutant : mutants) {
            Optional<Caught> one = provoke(mutant);
            if (one.isEmpty()) {
                return Optional.empty();
            }
            caught.add(one.get());
            report(one.get());
        }
        List<Passed> real = new ArrayList<>();
        for (Map.Entry<RaceSettings, List<String>> conditions : conditions().entrySet()) {
            Optional<Passed> one = pass(conditions.getKey(), conditions.getValue());
            if (one.isEmpty()) {
                return Optional.empty();
            }
            real.add(one.get());
            report(one.get());
        }
        double seconds = secondsSince(start);
        long missed = caught.stream().filter(one -> !one.caught()).count();
        long failed = real.stream().filter(one -> !one.held()).count();
        boolean inTime = seconds <= MAX_MINUTES * 60;
        boolean passed = missed == 0 && failed == 0 && inTime;
        report("");
        report(
                "VERIFY: %s — %d of %d broken runtimes were caught, the real one %s, in %.0f s%s",
                passed ? "passed" : "failed",
                caught.size() - missed,
                caught.size(),
                failed == 0 ? "held" : "did not hold under " + failed + " of their conditions",
                seconds,
                inTime ? "" : ", which is more than " + MAX_MINUTES + " minutes");
        return Optional.of(new Verification(passed ? "passed" : "failed", seed, rounded(seconds), caught, real));
    }

    /**
     * The distinct race settings, each with the names of its broken runtimes; the real runtime races once under each.
     */
    private Map<RaceSettings, List<String>> conditions() {
        Map<RaceSettings, List<String>> conditions = new LinkedHashMap<>();
        for (Mutant mutant : mutants) {
            conditions
                    .computeIfAbsent(mutant.race().seed(seed).build(), settings -> new ArrayList<>())
                    .add(mutant.name());
        }
        return conditions;
    }

    private Optional<Caught> provoke(Mutant mutant) throws IOException, InterruptedException {
        long start = System.nanoTime();
        for (int race = 1; ; race++) {
            RaceSettings settings = mutant.race()
                    .seed(seed + race - 1)
                    .runtime(mutant.runtime().getName())
                    .build();
            Optional<List<Violation>> violations = race(settings);
            if (violations.isEmpty()) {
                return Optional.empty();
            }
            List<Violation> right = violations.get().stream()
                    .filter(violation -> mutant.caughtBy().contains(violation.kind()))
                    .toList();
            if (!right.isEmpty() || race == MAX_RACES) {
                return Optional.of(caught(mutant, race, secondsSince(start), right, violations.get()));
            }
        }
    }

    private static Caught caught(Mutant mutant, int races, double seconds, List<Violation> right, List<Violation> all) {
        List<Violation> shown = right.isEmpty() ? all : right;
        TreeSet<Violation.Kind> kinds = new TreeSet<>();
        TreeSet<Integer> rules = new TreeSet<>();
        for (Violation violation : shown) {
            kinds.add(violation.kind());
            rules.add(violation.rule());
        }
        return new Caught(
                mutant.name(),
                !right.isEmpty(),
                kinds.stream().map(Verifier::text).toList(),
                List.copyOf(rules),
                races,
                rounded(seconds),
                shown.isEmpty() ? "" : shown.get(0).describe());
    }

    private Optional<Passed> pass(RaceSettings settings, List<String> conditions)
            throws IOException, InterruptedException {
        long start = System.nanoTime();
        return race(settings)
                .map(violations -> new Passed(
                        conditions,
                        violations.isEmpty(),
                        rounded(secondsSince(start)),
                        violations.isEmpty() ? "" : violations.get(0).describe()));
    }

    private Optional<List<Violation>> race(RaceSettings settings) throws IOException, InterruptedException {
        try {
            return races.race(settings);
        } catch (IOException e) {
            throw new IOException("a race failed to complete: " + e.getMessage(), e);
        }
    }

    private void report(Caught one) {
        if (one.caught()) {
            report(
                    "caught  %-27s in %5.1f s%s by %s (rule %s): %s",
                    one.mutant(),
                    one.seconds(),
                    one.races() == 1 ? "" : " and " + one.races() + " races",
                    String.join(", ", one.by()),
                    String.join(", ", one.rules().stream().map(String::valueOf).toList()),
                    one.seen());
        } else {
            report(
                    "MISSED  %-27s in %5.1f s and %d races; seen: %s",
                    one.mutant(), one.seconds(), one.races(), one.seen());
        }
    }

    private void report(Passed one) {
        report(
                "%s    the real runtime, under the conditions of %s, in %.1f s%s",
                one.held() ? "held" : "FAILED",
                String.join(", ", one.conditions()),
                one.seconds(),
                one.held() ? "" : ": " + one.seen());
    }

    private void report(String format, Object... values) {
        progress.println(String.format(Locale.ROOT, format, values));
        progress.flush();
    }

    private static String text(Violation.Kind kind) {
        return kind.name().toLowerCase(Locale.ROOT).replace('_', ' ');
    }

    private static double secondsSince(long startNanos) {
        return (System.nanoTime() - startNanos) / 1e9;
    }

    private static double rounded(double seconds) {
        return Math.round(seconds * 10) / 10.0;
    }
}
