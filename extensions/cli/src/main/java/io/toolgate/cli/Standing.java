package io.toolgate.cli;

import io.toolgate.store.ClaimMachine;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Where a key stands, and what can be done about it.
 *
 * @param sentence for people
 * @param options what can be done, each as one line
 */
record Standing(String sentence, List<String> options) {

    static Standing of(KeyFacts facts) {
        Row record = facts.record();
        if (record == null) {
            return new Standing("there is no record any more; the next call of the key runs", List.of());
        }
        long attempt = record.number("fence") - facts.retiredFence(record.number("version"));
        String since = ", for " + Times.shown(Duration.between(record.time("updated_at"), facts.now()));
        String failure = Texts.failure(record.textOrNull("failure_code"), record.textOrNull("failure_message"));
        return switch (record.text("status")) {
            case "IN_PROGRESS" -> inProgress(facts, record, attempt);
            case "IN_DOUBT" -> inDoubt(facts, record, since, failure);
            case "COMPLETED" -> ended(facts, "completed" + since + ": " + Facts.result(record), record);
            case "REJECTED" -> ended(facts, "rejected" + since + ": " + failure, record);
            default ->
                new Standing(
                        Facts.isRetired(record)
                                ? "retired; the next call begins a new record, with whatever input"
                                : "known not to have been executed, and free: the next call runs it (" + failure + ")",
                        List.of());
        };
    }

    private static Standing inProgress(KeyFacts facts, Row record, long attempt) {
        if (!Facts.isExpired(record, facts.now())) {
            return new Standing(
                    "attempt " + attempt + " of " + record.text("owner") + " is running, leased until "
                            + Times.shown(record.time("lease_until")),
                    List.of("wait: it ends, renews its lease, or loses it then"));
        }
        return new Standing(
                "in progress under a lease that ended "
                        + Times.shown(Duration.between(record.time("lease_until"), facts.now()))
                        + " ago: nobody knows whether attempt " + attempt + " had its effect",
                doubtful(facts, true));
    }

    private static Standing inDoubt(KeyFacts facts, Row record, String since, String failure) {
        boolean quarantined = ClaimMachine.QUARANTINED.equals(record.textOrNull("failure_code"));
        return new Standing(
                (quarantined ? "quarantined" : "in doubt") + since + ": " + failure
                        + (quarantined ? ". It is not asked about any more" : ""),
                doubtful(facts, !quarantined));
    }

    private static List<String> doubtful(KeyFacts facts, boolean probed) {
        String resolve = "toolgate resolve " + Facts.option(facts.id());
        String reason = " --reason \"…\"";
        String happened = "if it happened: " + resolve + " --completed-file FILE" + reason;
        String never = "if it did not and never shall: " + resolve + " --rejected CODE" + reason;
        String again = "if it did not and may run again: " + resolve + " --retry" + reason;
        return probed
                ? List.of(
                        "if the action has a probe: reconcile it in the application, which asks the provider",
                        happened,
                        never,
                        again)
                : List.of(happened, never, again);
    }

    private static Standing ended(KeyFacts facts, String sentence, Row record) {
        return new Standing(
                sentence + ". Kept until " + Times.shown(record.time("expires_at")) + " at least",
                List.of("if the next call shall run again: toolgate retire " + Facts.option(facts.id())
                        + " --reason \"…\""));
    }

    /** The sentence as one that may be null-checked by programs: the state's name, or null without a record. */
    static @Nullable String state(KeyFacts facts) {
        return facts.record() == null ? null : facts.record().text("status");
    }
}
