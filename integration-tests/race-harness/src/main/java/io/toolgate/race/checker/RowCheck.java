package io.toolgate.race.checker;

import io.toolgate.race.checker.KeyHistory.Completion;
import io.toolgate.race.checker.Terms.Recovery;
import io.toolgate.race.checker.Violation.Kind;
import io.toolgate.race.history.Event.Answer;
import io.toolgate.race.history.Event.CompletionKind;
import io.toolgate.store.RecordState;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Check of the rows at the end against the histories: nothing acknowledged is missing (rule 3), no fence or version
 * decreased (rule 4), and no record is left open that the declared recovery closes (rule 5). A request that a kill cut
 * off may have changed the row without an answer to any process.
 */
final class RowCheck implements Check {
    private final Terms terms;
    private final Findings findings;

    RowCheck(Terms terms, Findings findings) {
        this.terms = terms;
        this.findings = findings;
    }

    @Override
    public void check(Dossier dossier) {
        Row row = dossier.row();
        checkRecorded(dossier, row);
        if (row == null) {
            return;
        }
        checkEnded(dossier.key(), row);
        checkLateResult(dossier, row);
        KeyHistory history = dossier.history();
        if (row.fence() < history.maxFence() || row.version() < history.maxVersion()) {
            findings.add(
                    Kind.ROW_WENT_BACK,
                    dossier.key(),
                    "the row has fence " + row.fence() + " and version " + row.version() + ", but processes saw up to "
                            + history.maxFence() + " and " + history.maxVersion());
            return;
        }
        if (!isExplained(row, history)) {
            findings.add(
                    Kind.ROW_UNEXPLAINED,
                    dossier.key(),
                    row.state() + " with fence " + row.fence() + " and version " + row.version()
                            + ", but processes saw only up to " + history.maxFence() + " and " + history.maxVersion()
                            + ", and no request without an answer explains it");
        }
        dossier.finish().ifPresent(completion -> {
            if (row.version() > completion.version()) {
                findings.add(
                        Kind.FINISHED_CHANGED,
                        dossier.key(),
                        "the row is " + row.state() + " at version " + row.version() + ", though " + completion.ending()
                                + " was stored at version " + completion.version() + " (" + completion.place() + ")");
            }
        });
        for (String found : history.found()) {
            if (row.state() == RecordState.COMPLETED && !found.equals(row.sha256())) {
                findings.add(
                        Kind.FINISHED_CHANGED,
                        dossier.key(),
                        "a claim found " + Digest.brief(found) + ", the row has " + show(row));
            }
        }
    }

    private void checkRecorded(Dossier dossier, @Nullable Row row) {
        Set<String> results = dossier.acknowledged();
        Completion finish = dossier.finish().orElse(null);
        String wrong = null;
        if (!results.isEmpty()) {
            boolean held = row != null && row.state() == RecordState.COMPLETED && results.contains(row.sha256());
            wrong = held
                    ? null
                    : "callers got " + Digest.brief(results.iterator().next());
        } else if (dossier.answered(Answer.REJECTED)) {
            boolean held = row != null && row.state() == RecordState.REJECTED;
            wrong = held ? null : "callers got a rejection";
        } else if (finish != null && (row == null || row.version() == finish.version())) {
            wrong = row != null && holds(row, finish) ? null : finish.ending() + " was stored (" + finish.place() + ")";
        } else if (row == null && !dossier.history().tenures().isEmpty()) {
            wrong = dossier.history().tenures().get(0) + " owned it";
        }
        if (wrong != null) {
            findings.add(Kind.NOT_RECORDED, dossier.key(), wrong + ", but the database has " + show(row));
        }
    }

    /** Rule 6: a record that still has its owner's token, and is not finished, must accept that owner's result. */
    private void checkLateResult(Dossier dossier, Row row) {
        boolean open = row.state() == RecordState.IN_DOUBT || row.state() == RecordState.IN_PROGRESS;
        for (Tenure owner : dossier.history().tenures()) {
            if (open && owner.wasRefused() && owner.token().equals(row.token())) {
                findings.add(Kind.LATE_RESULT_REFUSED, dossier.key(), owner + ", the row is still " + row.state());
            }
        }
    }

    private static boolean holds(Row row, Completion completion) {
        return completion.ending() == CompletionKind.COMPLETE
                ? row.state() == RecordState.COMPLETED && Objects.equals(row.sha256(), completion.sha256())
                : row.state() == RecordState.REJECTED;
    }

    private static boolean isExplained(Row row, KeyHistory history) {
        boolean moved = row.fence() <= history.maxFence() && row.version() <= history.maxVersion();
        if (!moved && !history.mayHaveMovedUnseen()) {
            return false;
        }
        if (row.fence() > history.maxFence() && history.openClaims().isEmpty()) {
            return false;
        }
        return !row.state().isFinished()
                || history.completions().stream().anyMatch(completion -> finishes(completion, row))
                || history.openCompletions().stream()
                        .anyMatch(completion -> finishes(completion, row) && holds(row, completion));
    }

    private static boolean finishes(Completion completion, Row row) {
        return completion.ending()
                == (row.state() == RecordState.COMPLETED ? CompletionKind.COMPLETE : CompletionKind.REJECT);
    }

    private void checkEnded(String key, Row row) {
        if (row.state() == RecordState.IN_PROGRESS) {
            findings.add(Kind.LEFT_IN_PROGRESS, key, "attempt " + row.fence() + ", which no process runs");
        } else if (terms.recovery() != Recovery.HOLD && !row.state().isFinished()) {
            findings.add(
                    Kind.UNRESOLVED,
                    key,
                    row.state() + " after attempt " + row.fence() + ", with recovery " + terms.recovery());
        }
    }

    private static String show(@Nullable Row row) {
        if (row == null) {
            return "no row";
        }
        return row.sha256() == null ? row.state().name() : row.state() + " " + Digest.brief(row.sha256());
    }
}
