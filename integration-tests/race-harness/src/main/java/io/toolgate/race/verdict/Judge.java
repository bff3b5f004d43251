package io.toolgate.race.verdict;

import static java.util.stream.Collectors.counting;
import static java.util.stream.Collectors.groupingBy;

import io.toolgate.Outcome.Origin;
import io.toolgate.race.Digests;
import io.toolgate.race.Json;
import io.toolgate.race.provider.Charge;
import io.toolgate.race.verdict.Violation.Kind;
import io.toolgate.race.worker.CallLine;
import io.toolgate.race.worker.CallLine.Answer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Finds what contradicts "every key was charged exactly once and every caller got the same bytes". The ledger says what was
 * charged, the callers say what they were told, the database says what later callers will be told; all three must agree.
 */
public final class Judge {
    private static final int EXAMPLES = 3;
    private static final int DIGEST_LENGTH = 64;

    private final Evidence evidence;
    private final Map<String, List<Charge>> chargesByAccount;
    private final Map<String, List<CallLine>> callsByKey;
    private final List<Violation> violations = new ArrayList<>();

    private Judge(Evidence evidence) {
        this.evidence = evidence;
        this.chargesByAccount = evidence.charges().stream().collect(groupingBy(Charge::account));
        this.callsByKey = evidence.calls().stream().collect(groupingBy(CallLine::key));
    }

    /** The verdict on {@code evidence}. */
    public static Verdict judge(Evidence evidence) {
        return new Judge(evidence).decide();
    }

    private Verdict decide() {
        for (String mishap : evidence.mishaps()) {
            violated(Kind.PROCESS_FAILED, null, mishap);
        }
        if (evidence.calls().size() != evidence.expectedCalls()) {
            violated(
                    Kind.CALLS_MISSING,
                    null,
                    evidence.calls().size() + " of " + evidence.expectedCalls() + " are written down");
        }
        for (String key : evidence.keys()) {
            judge(key, callsByKey.getOrDefault(key, List.of()));
        }
        Set<String> known = Set.copyOf(evidence.accounts().values());
        chargesByAccount.keySet().stream()
                .filter(account -> !known.contains(account))
                .sorted()
                .forEach(stray -> violated(Kind.STRAY_CHARGE, null, stray));
        return new Verdict(List.copyOf(violations), tally());
    }

    private void judge(String key, List<CallLine> calls) {
        List<Charge> charges = chargesOf(key);
        if (charges.isEmpty()) {
            violated(Kind.NEVER_CHARGED, key, "its account is not in the ledger");
        } else if (charges.size() > 1) {
            violated(
                    Kind.CHARGED_TWICE,
                    key,
                    charges.size() + " charges" + examples(charges.stream().map(Charge::receipt)));
        }
        charges.stream()
                .map(Charge::providerKey)
                .filter(used -> !used.equals(evidence.providerKeys().get(key)))
                .distinct()
                .forEach(other -> violated(Kind.WRONG_PROVIDER_KEY, key, other));

        Set<String> results = results(calls);
        if (results.size() > 1) {
            violated(
                    Kind.DIFFERENT_BYTES,
                    key,
                    results.size() + " different results"
                            + examples(results.stream().map(Judge::brief)));
        }
        if (charges.size() == 1 && results.size() == 1) {
            String receipt = Digests.sha256(Json.line(charges.get(0)));
            if (!results.contains(receipt)) {
                violated(Kind.FALSE_RECEIPT, key, brief(results) + " and not " + brief(receipt));
            }
        }
        judgeAnswers(key, calls);
        String recorded = evidence.records().getOrDefault(key, "no row");
        if (results.size() == 1 && !results.contains(recorded)) {
            violated(Kind.NOT_RECORDED, key, brief(recorded) + " and not " + brief(results));
        }
    }

    private void judgeAnswers(String key, List<CallLine> calls) {
        Map<Answer, List<CallLine>> others = calls.stream()
                .filter(call -> call.answer() != Answer.COMPLETED)
                .collect(groupingBy(CallLine::answer, TreeMap::new, Collectors.toList()));
        others.forEach((answer, without) -> violated(
                Kind.NOT_ANSWERED,
                key,
                without.size() + " calls " + answer
                        + examples(without.stream().map(call -> "process " + call.worker() + ": " + call.detail()))));
        long executed = calls.stream().filter(Judge::isExecuted).count();
        if (executed != 1) {
            violated(Kind.NOT_EXECUTED_ONCE, key, executed + " calls ran it");
        }
    }

    private Tally tally() {
        List<CallLine> calls = evidence.calls();
        return new Tally(
                calls.size(),
                evidence.charges().size(),
                evidence.keys().stream()
                        .filter(key -> chargesOf(key).size() > 1)
                        .count(),
                calls.stream().filter(Judge::isExecuted).count(),
                calls.stream().filter(Judge::isReplayed).count(),
                calls.stream().collect(groupingBy(CallLine::answer, TreeMap::new, counting())),
                callsByKey.values().stream()
                        .mapToLong(of -> results(of).size())
                        .max()
                        .orElse(0),
                evidence.keys().stream()
                        .filter(key -> results(callsByKey.getOrDefault(key, List.of()))
                                .contains(evidence.records().getOrDefault(key, "")))
                        .count(),
                calls.stream()
                        .filter(Judge::isExecuted)
                        .collect(groupingBy(CallLine::worker, TreeMap::new, counting())),
                Latencies.ofMicros(calls.stream().filter(Judge::isReplayed).mapToLong(CallLine::micros)));
    }

    private List<Charge> chargesOf(String key) {
        String account = evidence.accounts().get(key);
        return account == null ? List.of() : chargesByAccount.getOrDefault(account, List.of());
    }

    private static Set<String> results(List<CallLine> calls) {
        Set<String> results = new TreeSet<>();
        for (CallLine call : calls) {
            if (call.answer() == Answer.COMPLETED && call.sha256() != null) {
                results.add(call.sha256());
            }
        }
        return results;
    }

    private static boolean isExecuted(CallLine call) {
        return call.answer() == Answer.COMPLETED && Origin.EXECUTED.name().equals(call.origin());
    }

    private static boolean isReplayed(CallLine call) {
        return call.answer() == Answer.COMPLETED && Origin.REPLAYED.name().equals(call.origin());
    }

    private static String brief(Set<String> only) {
        return brief(only.iterator().next());
    }

    /** The beginning of a digest tells it from any other as well, and leaves room on the line. */
    private static String brief(String digestOrWord) {
        return digestOrWord.length() == DIGEST_LENGTH ? digestOrWord.substring(0, 12) + "…" : digestOrWord;
    }

    /** The first few, in brackets: a list of thousands helps nobody. */
    private static String examples(Stream<String> all) {
        return all.distinct().limit(EXAMPLES).collect(Collectors.joining("; ", " (such as ", ")"));
    }

    private void violated(Kind kind, @Nullable String key, String seen) {
        violations.add(new Violation(kind, key, seen));
    }
}
