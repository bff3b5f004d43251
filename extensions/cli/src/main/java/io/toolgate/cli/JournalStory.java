package io.toolgate.cli;

import io.toolgate.store.ClaimMachine;
import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Tells a key's story from its journal. Where the journal was off, it says so and tells what else is known. */
final class JournalStory {
    private final KeyFacts facts;
    private final Story story;
    private final Map<Long, Row> checkpoints;

    /** The fence that attempts are counted from: that of the last retirement. */
    private long base;

    /** Until when the latest claim was leased at first; later ends show that it was renewed. */
    private @Nullable Instant claimedUntil;

    private JournalStory(KeyFacts facts, Story story) {
        this.facts = facts;
        this.story = story;
        this.checkpoints = facts.checkpointsByVersion();
    }

    static void tell(KeyFacts facts, Story story) {
        new JournalStory(facts, story).tell();
    }

    private void tell() {
        List<Row> journal = facts.journal();
        Row first = journal.get(0);
        base = facts.retiredFence(first.number("version") - 1);
        if (first.textOrNull("from_status") != null) {
            story.unknown("what happened before " + Times.shown(first.time("at")) + ": the journal was not on yet");
            Row record = facts.record();
            if (record != null && record.time("created_at").isBefore(first.time("at"))) {
                story.tell(record.time("created_at"), "created", base + 1, "the record was made, by its first claim");
            }
        }
        Row before = null;
        for (Row entry : journal) {
            if (before != null && hasGap(before, entry)) {
                story.unknown("what happened between " + Times.shown(before.time("at")) + " and "
                        + Times.shown(entry.time("at")) + ": the journal was off");
            }
            entry(entry, before);
            before = entry;
        }
        decisionsThatItLacks();
        Row last = journal.get(journal.size() - 1);
        Row record = facts.record();
        if (record != null && !agrees(record, last)) {
            story.unknown("what happened after " + Times.shown(last.time("at"))
                    + ", apart from where it led: the journal was off");
            RecordStory.tellState(facts, record, story);
        } else if (record != null && Facts.isExpired(record, facts.now())) {
            expired(record);
        }
    }

    /** Tells of the lease that has ended without anybody having come since, which no entry can tell. */
    private void expired(Row record) {
        Instant until = record.time("lease_until");
        if (claimedUntil != null && until.isAfter(claimedUntil)) {
            renewed(record.number("fence"), until);
        }
        RecordStory.tellState(facts, record, story);
    }

    private void renewed(long fence, Instant until) {
        story.tellThen("renewed", fence, "  it renewed its lease, the last time until " + Times.shown(until));
    }

    private static boolean hasGap(Row before, Row entry) {
        return entry.textOrNull("from_status") != null && entry.number("version") != before.number("version") + 1;
    }

    private static boolean agrees(Row record, Row last) {
        return record.number("version") == last.number("version")
                && record.text("status").equals(last.text("to_status"));
    }

    private void entry(Row entry, @Nullable Row before) {
        if (entry.textOrNull("checkpoint") != null) {
            checkpoint(entry);
            return;
        }
        switch (entry.text("to_status")) {
            case "IN_PROGRESS" -> claim(entry, before);
            case "IN_DOUBT" -> doubt(entry);
            case "COMPLETED", "REJECTED" -> end(entry, before);
            default -> release(entry);
        }
    }

    private void claim(Row entry, @Nullable Row before) {
        String from = entry.textOrNull("from_status");
        String owner = entry.text("owner");
        long fence = entry.number("fence");
        if (from == null) {
            base = 0;
        }
        lease(entry, before, "IN_PROGRESS".equals(from));
        String how = from == null
                ? owner + " claimed it"
                : switch (from) {
                    case "IN_PROGRESS" -> owner + " took it over";
                    case "IN_DOUBT" -> owner + " took the doubt over";
                    case "RETRYABLE" -> fence == base + 1 ? owner + " began a new record" : owner + " claimed it again";
                    default -> "its retention was over, and " + owner + " began a new record";
                };
        Instant until = entry.timeOrNull("lease_until");
        claimedUntil = until;
        story.tell(
                entry.time("at"),
                from == null || from.equals("RETRYABLE") ? "claimed" : "taken over",
                fence,
                how + ": attempt " + (fence - base)
                        + (until == null ? "" : ", leased for " + leased(entry.time("at"), until)));
    }

    private static String leased(Instant at, Instant until) {
        return Times.shown(Duration.between(at, until));
    }

    /** Tells of the lease that {@code entry} found: whether it was renewed, and that it ended if {@code ended}. */
    private void lease(Row entry, @Nullable Row before, boolean ended) {
        Instant until = entry.timeOrNull("previous_lease_until");
        if (until == null || (before == null && !ended)) {
            return;
        }
        long fence = ended && before != null ? before.number("fence") : entry.number("fence");
        if (claimedUntil != null
                && until.isAfter(claimedUntil)
                && before != null
                && !before.text("to_status").equals("RETRYABLE")) {
            renewed(fence, until);
            claimedUntil = until;
        }
        if (ended) {
            String owner = before == null ? "its owner" : before.text("owner");
            story.tell(until, "vanished", fence, "the lease ended; " + owner + " had left no result");
        }
    }

    private void checkpoint(Row entry) {
        Row kept = checkpoints.get(entry.number("version"));
        boolean same = kept != null && kept.text("name").equals(entry.text("checkpoint"));
        story.tell(
                entry.time("at"),
                entry.text("checkpoint").equals("toolgate:probe") ? "probed" : "checkpoint",
                entry.number("fence"),
                Facts.mark(entry.text("checkpoint"), same ? KeyFacts.answer(kept) : null, same));
    }

    private void doubt(Row entry) {
        String code = entry.textOrNull("failure_code");
        boolean vanished = ClaimMachine.OWNER_VANISHED.equals(code);
        lease(entry, entry, vanished);
        String failure = Texts.failure(code, entry.textOrNull("failure_message"));
        String text = vanished
                ? "a caller found that, and it was marked in doubt"
                : ClaimMachine.QUARANTINED.equals(code)
                        ? "it was quarantined: " + Texts.failure(code, entry.textOrNull("failure_message"))
                        : entry.text("owner") + " left it in doubt: " + failure;
        story.tell(
                entry.time("at"),
                ClaimMachine.QUARANTINED.equals(code) ? "quarantined" : "in doubt",
                entry.number("fence"),
                text);
    }

    private void end(Row entry, @Nullable Row before) {
        boolean completed = entry.text("to_status").equals("COMPLETED");
        String code = entry.textOrNull("failure_code");
        String failure = Texts.failure(code, entry.textOrNull("failure_message"));
        String what = completed
                ? "completed" + (code == null ? "" : ", with its result unavailable: " + failure)
                : "rejected: " + failure;
        String text;
        if (entry.textOrNull("decision") != null) {
            text = decided(entry, completed ? "completed" : "rejected, " + failure);
        } else if ("IN_DOUBT".equals(entry.textOrNull("from_status"))) {
            text = "the late word of " + entry.text("owner") + " ended the doubt: " + what;
        } else if (before != null && "toolgate:probe".equals(before.textOrNull("checkpoint"))) {
            text = entry.text("owner") + " wrote down what the probe had found: " + what;
        } else {
            text = entry.text("owner") + " ended it: " + what;
        }
        lease(entry, entry, false);
        story.tell(entry.time("at"), completed ? "completed" : "rejected", entry.number("fence"), text);
    }

    private void release(Row entry) {
        String decision = entry.textOrNull("decision");
        if ("RETIRED".equals(decision)) {
            base = entry.number("fence");
            story.tell(
                    entry.time("at"),
                    "retired",
                    base,
                    entry.textOrNull("operator") + " retired it: " + Texts.oneLine(entry.text("reason")));
            return;
        }
        lease(entry, entry, false);
        story.tell(
                entry.time("at"),
                "released",
                entry.number("fence"),
                decision != null
                        ? decided(entry, "not executed, to be run again")
                        : entry.text("owner") + " released it, as nothing had happened: "
                                + Texts.failure(entry.textOrNull("failure_code"), entry.textOrNull("failure_message")));
    }

    private static String decided(Row entry, String verdict) {
        return entry.textOrNull("operator") + " resolved it as " + verdict + ". Reason: "
                + Texts.oneLine(String.valueOf(entry.textOrNull("reason")));
    }

    /** Decisions that were made while the journal was off. */
    private void decisionsThatItLacks() {
        Set<Long> told = new HashSet<>();
        facts.journal().forEach(entry -> told.add(entry.number("version")));
        for (Row row : facts.history()) {
            if (!told.contains(row.number("version") + 1)) {
                RecordStory.tellDecision(row, story);
            }
        }
    }
}
