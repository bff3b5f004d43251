package io.toolgate.cli.explain;

import io.toolgate.cli.output.Times;
import io.toolgate.cli.query.Row;
import io.toolgate.cli.query.StoreView;
import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Fills a timeline from a key's journal. Where the journal was off, it adds a gap and what the other rows show. */
final class JournalTimeline {
    private final KeyFacts facts;
    private final Timeline timeline;
    private final Map<Long, Row> checkpoints;

    /** The end of the lease as the last claim set it; a later end shows that the lease was renewed. */
    private @Nullable Instant claimedUntil;

    private JournalTimeline(KeyFacts facts, Timeline timeline) {
        this.facts = facts;
        this.timeline = timeline;
        this.checkpoints = facts.checkpointsByVersion();
    }

    static void fill(KeyFacts facts, Timeline timeline) {
        new JournalTimeline(facts, timeline).fill();
    }

    private void fill() {
        List<Row> journal = facts.journal();
        Row record = facts.record();
        Row first = journal.get(0);
        if (first.textOrNull("from_status") != null) {
            timeline.addUnknown(
                    "what happened before " + Times.shown(first.time("at")) + ": the journal was not on yet");
            if (record != null && record.time("created_at").isBefore(first.time("at"))) {
                timeline.add(record.time("created_at"), "created", 1, "the record was created by its first claim");
            }
        }
        Row before = null;
        for (Row entry : journal) {
            if (before != null && hasGap(before, entry)) {
                timeline.addUnknown("what happened between " + Times.shown(before.time("at")) + " and "
                        + Times.shown(entry.time("at")) + ": the journal was off");
            }
            add(entry, before);
            before = entry;
        }
        addDecisionsWithoutEntry();
        Row last = journal.get(journal.size() - 1);
        if (record == null) {
            return;
        }
        if (!agrees(record, last)) {
            timeline.addUnknown("what happened after " + Times.shown(last.time("at"))
                    + ", apart from the state it led to: the journal was off");
            RecordTimeline.addState(facts, record, timeline);
        } else if (facts.isExpired(record)) {
            addExpired(record);
        }
    }

    /** Adds a lease that ended and that no caller has found since, so that no entry shows it. */
    private void addExpired(Row record) {
        Instant until = record.time("lease_until");
        if (claimedUntil != null && until.isAfter(claimedUntil)) {
            addRenewal(record.number("fence"), until);
        }
        RecordTimeline.addState(facts, record, timeline);
    }

    private void addRenewal(long fence, Instant until) {
        timeline.addAfterLast("renewed", fence, "  it renewed its lease, last until " + Times.shown(until));
    }

    private static boolean hasGap(Row before, Row entry) {
        return entry.textOrNull("from_status") != null && entry.number("version") != before.number("version") + 1;
    }

    private static boolean agrees(Row record, Row last) {
        return record.number("version") == last.number("version")
                && record.text("status").equals(last.text("to_status"));
    }

    private void add(Row entry, @Nullable Row before) {
        if (entry.textOrNull("checkpoint") != null) {
            addCheckpoint(entry);
            return;
        }
        switch (entry.text("to_status")) {
            case "IN_PROGRESS" -> addClaim(entry, before);
            case "IN_DOUBT" -> addDoubt(entry);
            case "COMPLETED", "REJECTED" -> addCompletion(entry, before);
            default -> addRelease(entry);
        }
    }

    private void addClaim(Row entry, @Nullable Row before) {
        String from = entry.textOrNull("from_status");
        String owner = entry.text("owner");
        long fence = entry.number("fence");
        addPreviousLease(entry, before, "IN_PROGRESS".equals(from));
        String claim = from == null
                ? owner + " claimed it"
                : switch (from) {
                    case "IN_PROGRESS" -> owner + " took it over";
                    case "IN_DOUBT" -> owner + " took it over, in doubt";
                    case "RETRYABLE" ->
                        before != null && RecordPhrases.isRetired(before)
                                ? owner + " began a new record"
                                : owner + " claimed it again";
                    default -> "its retention was over, and " + owner + " began a new record";
                };
        Instant until = entry.timeOrNull("lease_until");
        claimedUntil = until;
        timeline.add(
                entry.time("at"),
                from == null || from.equals("RETRYABLE") ? "claimed" : "taken over",
                fence,
                claim + ": attempt " + fence
                        + (until == null
                                ? ""
                                : ", leased for " + Times.shown(Duration.between(entry.time("at"), until))));
    }

    /** Adds the lease that {@code entry} found: its renewal, if there was one, and its end if {@code ended}. */
    private void addPreviousLease(Row entry, @Nullable Row before, boolean ended) {
        Instant until = entry.timeOrNull("previous_lease_until");
        if (until == null || (before == null && !ended)) {
            return;
        }
        long fence = ended && before != null ? before.number("fence") : entry.number("fence");
        if (claimedUntil != null
                && until.isAfter(claimedUntil)
                && before != null
                && !before.text("to_status").equals("RETRYABLE")) {
            addRenewal(fence, until);
            claimedUntil = until;
        }
        if (ended) {
            String owner = before == null ? "its owner" : before.text("owner");
            timeline.add(until, "vanished", fence, RecordPhrases.leaseEnded(owner));
        }
    }

    private void addCheckpoint(Row entry) {
        String name = entry.text("checkpoint");
        Row kept = checkpoints.get(entry.number("version"));
        boolean current = kept != null && kept.text("name").equals(name);
        timeline.add(
                entry.time("at"),
                name.equals(StoreView.PROBE) ? "probed" : "checkpoint",
                entry.number("fence"),
                RecordPhrases.checkpoint(name, current ? KeyFacts.probeAnswer(kept) : null, current));
    }

    private void addDoubt(Row entry) {
        boolean vanished = RecordPhrases.isVanishedOwner(entry);
        boolean quarantined = RecordPhrases.isQuarantined(entry);
        addPreviousLease(entry, entry, vanished);
        String failure = RecordPhrases.failure(entry);
        timeline.add(
                entry.time("at"),
                quarantined ? "quarantined" : "in doubt",
                entry.number("fence"),
                vanished
                        ? RecordPhrases.MARKED_IN_DOUBT
                        : quarantined
                                ? "it was quarantined: " + failure
                                : entry.text("owner") + " left it in doubt: " + failure);
    }

    private void addCompletion(Row entry, @Nullable Row before) {
        boolean completed = entry.text("to_status").equals("COMPLETED");
        String failure = RecordPhrases.failure(entry);
        String owner = entry.text("owner");
        String result = completed
                ? "completed" + (entry.textOrNull("failure_code") == null ? "" : ", result unavailable: " + failure)
                : "rejected: " + failure;
        String text;
        if (entry.textOrNull("decision") != null && "COMPLETED".equals(entry.textOrNull("from_status"))) {
            text = decided(entry, RecordPhrases.SUPPLIED_RESULT);
        } else if (entry.textOrNull("decision") != null) {
            text = resolved(entry, completed ? "completed" : "rejected (" + failure + ")");
        } else if ("IN_DOUBT".equals(entry.textOrNull("from_status"))) {
            text = "a late result from " + owner + " ended the doubt: " + result;
        } else if (before != null && StoreView.PROBE.equals(before.textOrNull("checkpoint"))) {
            text = owner + " stored what the probe found: " + result;
        } else {
            text = owner + " ended it: " + result;
        }
        addPreviousLease(entry, entry, false);
        timeline.add(entry.time("at"), completed ? "completed" : "rejected", entry.number("fence"), text);
    }

    private void addRelease(Row entry) {
        String decision = entry.textOrNull("decision");
        if ("RETIRED".equals(decision)) {
            timeline.add(entry.time("at"), "retired", entry.number("fence"), decided(entry, "retired it"));
            return;
        }
        addPreviousLease(entry, entry, false);
        timeline.add(
                entry.time("at"),
                "released",
                entry.number("fence"),
                decision != null
                        ? resolved(entry, "not executed, to run again")
                        : entry.text("owner") + " released it without an effect: " + RecordPhrases.failure(entry));
    }

    private static String resolved(Row entry, String verdict) {
        return decided(entry, "resolved it as " + verdict);
    }

    private static String decided(Row entry, String verdict) {
        return RecordPhrases.decision(
                String.valueOf(entry.textOrNull("operator")), verdict, String.valueOf(entry.textOrNull("reason")));
    }

    /** Adds the decisions that were made while the journal was off. */
    private void addDecisionsWithoutEntry() {
        Set<Long> journaled = new HashSet<>();
        facts.journal().forEach(entry -> journaled.add(entry.number("version")));
        for (Row row : facts.history()) {
            if (!journaled.contains(row.number("version") + 1)) {
                RecordTimeline.addDecision(row, timeline);
            }
        }
    }
}
