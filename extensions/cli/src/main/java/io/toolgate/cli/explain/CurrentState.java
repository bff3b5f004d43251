package io.toolgate.cli.explain;

import io.toolgate.cli.output.Texts;
import io.toolgate.cli.output.Times;
import io.toolgate.cli.query.Row;
import io.toolgate.store.ClaimMachine;
import java.time.Duration;
import java.time.Instant;
import java.util.List;

/**
 * The state that a key is in now, and what an operator can do about it.
 *
 * @param sentence for people
 * @param options what can be done, one line each
 */
public record CurrentState(String sentence, List<String> options) {

    /** The state that {@code facts} show. */
    public static CurrentState of(KeyFacts facts) {
        Row record = facts.record();
        if (record == null) {
            return new CurrentState("there is no record any more; the next call with this key runs", List.of());
        }
        String since = ", for " + Times.shown(Duration.between(record.time("updated_at"), facts.now()));
        return switch (record.text("status")) {
            case "IN_PROGRESS" -> inProgress(facts, record);
            case "IN_DOUBT" -> inDoubt(facts, record, since);
            case "COMPLETED" -> finished(facts, record, "completed" + since + ": " + RecordPhrases.result(record));
            case "REJECTED" -> finished(facts, record, "rejected" + since + ": " + RecordPhrases.failure(record));
            default ->
                new CurrentState(
                        RecordPhrases.isRetired(record)
                                ? "retired; the next call begins a new record and may have another input"
                                : "not executed, and released: the next call" + pause(facts, record) + " runs it ("
                                        + RecordPhrases.failure(record) + ")",
                        List.of());
        };
    }

    private static CurrentState inProgress(KeyFacts facts, Row record) {
        long attempt = record.number("fence");
        if (!facts.isExpired(record)) {
            return new CurrentState(
                    "attempt " + attempt + " of " + record.text("owner") + " is running, leased until "
                            + Times.shown(record.time("lease_until")),
                    List.of("wait until then: it ends, renews its lease, or loses it"));
        }
        return new CurrentState(
                "in progress under a lease that ended "
                        + Times.shown(Duration.between(record.time("lease_until"), facts.now()))
                        + " ago: it is unknown whether attempt " + attempt + " had its effect",
                optionsOfDoubt(facts, record, true));
    }

    /** The rest of the pause after runs that certainly had no effect. */
    private static String pause(KeyFacts facts, Row record) {
        Duration pause = ClaimMachine.pauseAfter(Math.toIntExact(record.number("refusals")));
        Duration rest = Duration.between(facts.now(), record.time("updated_at").plus(pause));
        return rest.isNegative() || rest.isZero() ? "" : " after a pause of " + Times.shown(rest);
    }

    private static CurrentState inDoubt(KeyFacts facts, Row record, String since) {
        boolean quarantined = RecordPhrases.isQuarantined(record);
        return new CurrentState(
                (quarantined ? "quarantined" : "in doubt") + since + ", after "
                        + Texts.count(record.number("attempt"), "attempt", "attempts") + " of unknown effect: "
                        + RecordPhrases.failure(record)
                        + (quarantined ? ". Reconcilers no longer probe it" : ""),
                optionsOfDoubt(facts, record, !quarantined));
    }

    private static List<String> optionsOfDoubt(KeyFacts facts, Row record, boolean probed) {
        String resolve = "toolgate resolve " + RecordPhrases.option(facts.id());
        String reason = " --reason \"…\"";
        String happened = record.number("stores_rows") == 1
                ? "if it happened: gate.resolve(…) in the service, which writes the rows that belong to the result; or "
                        + resolve + " --completed-file FILE --without-rows" + reason + ", and write them by hand"
                : "if it happened: " + resolve + " --completed-file FILE" + reason;
        String never = "if it did not happen and must not: " + resolve + " --rejected CODE" + reason;
        String again = "if it did not happen and may run again: " + resolve + " --retry" + reason;
        return probed
                ? List.of(
                        "if the action has a probe, or may run again and remembers its input: run a reconciler in the"
                                + " application, which does either",
                        happened,
                        never,
                        again)
                : List.of(happened, never, again);
    }

    /** Retention counts from the end. */
    private static Instant retainedUntil(Row record) {
        Instant expiresAt = record.time("expires_at");
        return record.time("updated_at").plus(Duration.between(record.time("created_at"), expiresAt));
    }

    private static CurrentState finished(KeyFacts facts, Row record, String sentence) {
        String retire = "toolgate retire " + RecordPhrases.option(facts.id()) + " --reason \"…\"";
        return new CurrentState(
                sentence + ". Retained at least until " + Times.shown(retainedUntil(record)),
                RecordPhrases.lacksResult(record)
                        ? List.of(
                                "to give later calls the result, without a run: toolgate resolve "
                                        + RecordPhrases.option(facts.id()) + " --completed-file FILE --reason \"…\"",
                                "to let the next call run, and have its effect, once more: " + retire)
                        : List.of("to let the next call run again: " + retire));
    }
}
