package io.toolgate.race.checker;

import io.toolgate.race.checker.KeyHistory.OwnAnswer;
import io.toolgate.race.checker.Violation.Kind;
import io.toolgate.race.history.Event.Answer;
import io.toolgate.race.history.Event.CompletionKind;
import io.toolgate.race.provider.LedgerLine;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Check of rules 2 and 3 on the callers' side: one result per key, never given out before it was stored, of a real
 * charge.
 */
final class ResultCheck implements Check {
    private static final int EXAMPLES = 3;

    private final Findings findings;

    ResultCheck(Findings findings) {
        this.findings = findings;
    }

    @Override
    public void check(Dossier dossier) {
        Set<String> results = dossier.acknowledged();
        if (results.size() > 1) {
            findings.add(
                    Kind.DIFFERENT_RESULTS,
                    dossier.key(),
                    results.size() + " different results, such as "
                            + results.stream()
                                    .limit(EXAMPLES)
                                    .map(Digest::brief)
                                    .collect(Collectors.joining(" and ")));
        }
        if (dossier.answered(Answer.COMPLETED) && dossier.answered(Answer.REJECTED)) {
            findings.add(
                    Kind.COMPLETED_AND_REJECTED,
                    dossier.key(),
                    "completed" + examples(dossier, Answer.COMPLETED) + " and rejected"
                            + examples(dossier, Answer.REJECTED));
        }
        checkOwn(dossier);
        checkReplays(dossier);
        checkReceipts(dossier);
    }

    private static String examples(Dossier dossier, Answer answer) {
        return dossier.history().answers().entrySet().stream()
                .filter(entry -> entry.getKey().answer() == answer)
                .findFirst()
                .map(entry -> entry.getValue().examples())
                .orElse("");
    }

    /** A call that completed the key itself must have stored the completion before, in the same process. */
    private void checkOwn(Dossier dossier) {
        for (OwnAnswer own : dossier.history().ownAnswers()) {
            boolean stored = dossier.history().completions().stream()
                    .anyMatch(completion -> completion.ending() == own.ending()
                            && completion.place().sameLife(own.place())
                            && completion.answered() <= own.answered());
            if (!stored) {
                findings.add(
                        Kind.ACKNOWLEDGED_EARLY,
                        dossier.key(),
                        own.place() + " was answered before its process had stored the completion");
            }
        }
    }

    /** No call may receive a stored result before a process tried to store one. */
    private void checkReplays(Dossier dossier) {
        for (Map.Entry<AnswerKind, AnswerCount> entry :
                dossier.history().answers().entrySet()) {
            AnswerKind kind = entry.getKey();
            if (kind.isOwn() || (kind.answer() != Answer.COMPLETED && kind.answer() != Answer.REJECTED)) {
                continue;
            }
            CompletionKind ending = kind.answer() == Answer.COMPLETED ? CompletionKind.COMPLETE : CompletionKind.REJECT;
            if (entry.getValue().firstNanos() < dossier.history().firstSent(ending)) {
                findings.add(
                        Kind.ACKNOWLEDGED_EARLY,
                        dossier.key(),
                        kind.answer() + " was replayed before any process had sent it to the store"
                                + entry.getValue().examples());
            }
        }
    }

    private void checkReceipts(Dossier dossier) {
        List<LedgerLine> charges = dossier.charges();
        if (charges.isEmpty()) {
            // ChargeCheck reports this.
            return;
        }
        List<String> receipts = new ArrayList<>();
        charges.forEach(charge -> receipts.add(String.valueOf(charge.receipt())));
        dossier.history().answers().forEach((kind, count) -> {
            if (kind.answer() == Answer.COMPLETED && kind.receipt() != null && !receipts.contains(kind.receipt())) {
                findings.add(
                        Kind.FALSE_RECEIPT,
                        dossier.key(),
                        kind.receipt() + " instead of " + String.join(" or ", receipts) + count.examples());
            }
        });
    }
}
