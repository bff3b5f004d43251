package io.toolgate.race.checker;

import io.toolgate.race.checker.Spans.Span;
import io.toolgate.race.checker.Violation.Kind;
import io.toolgate.race.history.Deed;
import io.toolgate.race.history.Event.CompletionKind;
import io.toolgate.race.history.Histories;
import io.toolgate.race.history.HistoryFile;
import io.toolgate.race.provider.LedgerLine;
import io.toolgate.store.RecordState;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;

/**
 * Judge of a finished run: finds contradictions of the rules of {@code core/SPEC.md} in its evidence. The ledger shows
 * what was charged, the histories which answers callers and owners got and when, the rows what later callers will get;
 * all must agree.
 *
 * <p>The histories are read line by line into one {@link KeyHistory} per key and, if there are violations, a second
 * time for the lines that show them.
 */
public final class Checker {
    private final Evidence evidence;
    private final Limits limits;
    private final Findings findings = new Findings();
    private final Counts counts = new Counts();
    private final Map<String, KeyHistory> keys = new LinkedHashMap<>();
    private final Map<String, Integer> numbers = new HashMap<>();
    private final Map<String, String> keysByAccount = new HashMap<>();
    private final Map<String, List<LedgerLine>> ledgers = new HashMap<>();

    private Checker(Evidence evidence) {
        this.evidence = evidence;
        this.limits = new Limits(evidence.terms());
        for (String key : evidence.called()) {
            numbers.put(key, keys.size());
            keys.put(key, new KeyHistory());
            keysByAccount.put(evidence.keys().account(key), key);
        }
    }

    /**
     * Returns the verdict on {@code evidence}.
     *
     * @throws IOException if a history cannot be read
     */
    public static Verdict check(Evidence evidence) throws IOException {
        return new Checker(evidence).decide();
    }

    private Verdict decide() throws IOException {
        Stalls stalls = new Stalls(evidence.deeds(), readHistories());
        splitLedger();
        checkRun();
        Terms terms = evidence.terms();
        ChargeCheck charges = new ChargeCheck(
                terms, evidence.keys(), new FurtherCharges(terms, limits, stalls, evidence.deeds()), findings);
        List<Check> checks = List.of(
                charges,
                new OwnershipCheck(limits, findings),
                new OrderCheck(findings),
                new ResultCheck(findings),
                new RowCheck(terms, findings),
                new WaitCheck(terms, limits, stalls, findings),
                new AnswerCheck(terms, limits, findings));
        KeyTotals totals = new KeyTotals();
        keys.forEach((key, history) -> {
            Dossier dossier = new Dossier(key, history, evidence.rows().get(key), ledgers.getOrDefault(key, List.of()));
            checks.forEach(check -> check.check(dossier));
            totals.add(dossier);
        });
        counts.lagBehind(storedAt());
        return new Verdict(Exhibits.violations(evidence, findings), tally(charges, totals), counts.figures());
    }

    /** Reads all histories; returns the gaps between their ticks, by process. */
    private Map<Integer, List<Span>> readHistories() throws IOException {
        Map<Integer, List<Span>> gaps = new HashMap<>();
        for (HistoryFile file : evidence.histories()) {
            LifeReader reader = new LifeReader(file, limits, keys, numbers, counts);
            Histories.read(file, reader::read);
            gaps.computeIfAbsent(file.process(), p -> new ArrayList<>()).addAll(reader.finish());
        }
        return gaps;
    }

    private void splitLedger() {
        TreeSet<String> strays = new TreeSet<>();
        for (LedgerLine line : evidence.ledger()) {
            String key = keysByAccount.get(line.account());
            if (key != null) {
                ledgers.computeIfAbsent(key, k -> new ArrayList<>(1)).add(line);
            } else if (line.kind() == LedgerLine.Kind.CHARGED) {
                strays.add(line.account());
            }
        }
        strays.forEach(account -> findings.add(Kind.STRAY_CHARGE, account));
    }

    private void checkRun() {
        evidence.mishaps().forEach(mishap -> findings.add(Kind.PROCESS_FAILED, mishap));
        Terms terms = evidence.terms();
        long due = (long) evidence.called().size() * terms.processes() * terms.duplicates();
        if (terms.calm() && counts.calls() != due) {
            findings.add(Kind.CALLS_MISSING, counts.calls() + " of " + due + " were made");
        }
    }

    private long[] storedAt() {
        long[] storedAt = new long[keys.size()];
        Arrays.fill(storedAt, Long.MAX_VALUE);
        keys.forEach((key, history) -> {
            int number = numbers.getOrDefault(key, 0);
            history.completions().stream()
                    .filter(completion -> completion.applied() && completion.ending() == CompletionKind.COMPLETE)
                    .forEach(completion -> storedAt[number] = Math.min(storedAt[number], completion.answered()));
        });
        return storedAt;
    }

    /** Counts over keys. */
    private static final class KeyTotals {
        private long called;
        private long distinctResultsMax;
        private long recorded;
        private long starved;

        void add(Dossier dossier) {
            called += dossier.history().calls() > 0 ? 1 : 0;
            starved += dossier.history().starved() ? 1 : 0;
            distinctResultsMax =
                    Math.max(distinctResultsMax, dossier.acknowledged().size());
            Row row = dossier.row();
            boolean held = row != null
                    && row.state() == RecordState.COMPLETED
                    && row.sha256() != null
                    && dossier.acknowledged().contains(row.sha256());
            recorded += held ? 1 : 0;
        }
    }

    private Tally tally(ChargeCheck charges, KeyTotals totals) {
        return new Tally(
                totals.called,
                counts.calls(),
                counts.unanswered(),
                counts.answers(),
                counts.executed(),
                counts.replayed(),
                counts.recovered(),
                evidence.ledger().stream()
                        .filter(line -> line.kind() == LedgerLine.Kind.CHARGED)
                        .count(),
                charges.chargedTwice(),
                charges.chargedInWindow(),
                charges.chargedInFlight(),
                charges.chargedByRerun(),
                counts.takeovers(),
                // In a disturbed race, freezes make heartbeats late on purpose.
                evidence.terms().calm() ? totals.starved : 0,
                counts.staleRefused(),
                counts.lateResults(),
                deeds(Deed.Killed.class),
                deeds(Deed.Frozen.class),
                deeds(Deed.Reclocked.class),
                totals.distinctResultsMax,
                totals.recorded,
                counts.executedByProcess());
    }

    private long deeds(Class<? extends Deed> type) {
        return evidence.deeds().stream().filter(type::isInstance).count();
    }
}
