package io.toolgate.race.checker;

import io.toolgate.race.checker.KeyHistory.Completion;
import io.toolgate.race.history.Event.Answer;
import io.toolgate.race.provider.LedgerLine;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * All evidence about one key.
 *
 * @param key the text of the key
 * @param history its events
 * @param row its row in the database at the end; null if there is none
 * @param ledger the provider's requests for its account, in order
 */
record Dossier(String key, KeyHistory history, @Nullable Row row, List<LedgerLine> ledger) {
    List<LedgerLine> charges() {
        return ledger(LedgerLine.Kind.CHARGED);
    }

    boolean declined() {
        return !ledger(LedgerLine.Kind.DECLINED).isEmpty();
    }

    private List<LedgerLine> ledger(LedgerLine.Kind kind) {
        return ledger.stream().filter(line -> line.kind() == kind).toList();
    }

    /** The amounts that were charged. */
    Set<Long> amounts() {
        return charges().stream().map(LedgerLine::amount).collect(Collectors.toSet());
    }

    boolean answered(Answer answer) {
        return history.answers().keySet().stream().anyMatch(kind -> kind.answer() == answer);
    }

    /** The digests of the results that callers got for the amount that was charged. */
    Set<String> acknowledged() {
        Set<Long> amounts = amounts();
        Set<String> results = new TreeSet<>();
        for (AnswerKind kind : history.answers().keySet()) {
            String sha256 = kind.sha256();
            boolean matches = amounts.isEmpty() || amounts.contains(kind.amount());
            if (kind.answer() == Answer.COMPLETED && sha256 != null && matches) {
                results.add(sha256);
            }
        }
        return results;
    }

    /** The first completion that is known to have finished the record. */
    Optional<Completion> finish() {
        return history.completions().stream()
                .filter(Completion::applied)
                .filter(Completion::finishes)
                .min(Comparator.comparingLong(Completion::version));
    }
}
