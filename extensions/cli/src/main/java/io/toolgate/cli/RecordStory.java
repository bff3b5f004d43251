package io.toolgate.cli;

import io.toolgate.store.ClaimMachine;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Tells a key's story without a journal, from its record, what was decided about it, and its checkpoints. */
final class RecordStory {
    private final KeyFacts facts;
    private final Story story;

    private RecordStory(KeyFacts facts, Story story) {
        this.facts = facts;
        this.story = story;
    }

    static void tell(KeyFacts facts, Story story) {
        new RecordStory(facts, story).tell();
    }

    private void tell() {
        // The record as it stood before each decision, and as it stands now.
        List<Row> views = new ArrayList<>(facts.history());
        Row record = facts.record();
        if (record != null) {
            views.add(record);
        }
        boolean attemptsUnknown = false;
        Row before = null;
        for (Row view : views) {
            boolean present = view == record;
            List<Row> marks = marks(view, before);
            long fence = view.number("fence");
            long known = claimed(view, before);
            checkpoints(
                    marks.stream().filter(row -> row.number("fence") < fence).toList());
            attemptsUnknown |= attempts(view, known);
            checkpoints(
                    marks.stream().filter(row -> row.number("fence") >= fence).toList());
            boolean decidedSo = before != null && view.number("version") == before.number("version") + 1;
            if (!decidedSo) {
                tellState(facts, view, story);
            }
            if (!present) {
                tellDecision(view, story);
            }
            before = view;
        }
        if (attemptsUnknown) {
            story.unknown("who made the attempts before the last, when, and how each ended");
        }
        story.unknown("whether leases were renewed, and when");
        if (!facts.checkpoints().isEmpty()) {
            story.unknown("what was in the place of each checkpoint before");
        }
    }

    /** The checkpoints that came between {@code before} and {@code view}; they are known of the present record's life only. */
    private List<Row> marks(Row view, @Nullable Row before) {
        Row record = facts.record();
        if (record == null || !record.time("created_at").equals(view.time("created_at"))) {
            return List.of();
        }
        long after = before == null ? 0 : before.number("version");
        return facts.checkpoints().stream()
                .filter(row -> row.number("version") > after && row.number("version") <= view.number("version"))
                .toList();
    }

    /** Tells how the life of the key that {@code view} shows began, if it is another than before; the last fence told of. */
    private long claimed(Row view, @Nullable Row before) {
        // A record that was retired within a tick of the clock was created at the same time as the one after it.
        if (before != null
                && !before.text("decision").equals("RETIRED")
                && view.time("created_at").equals(before.time("created_at"))) {
            return before.number("fence");
        }
        long first = facts.retiredFence(view.number("version")) + 1;
        story.tell(
                view.time("created_at"),
                "claimed",
                first,
                view.number("fence") == first
                        ? view.text("owner") + " claimed it: attempt 1"
                        : "it was claimed for the first time");
        return first;
    }

    /** Tells of the attempts after {@code known} that led to {@code view}; whether there were any. */
    private boolean attempts(Row view, long known) {
        long base = facts.retiredFence(view.number("version"));
        long fence = view.number("fence");
        if (fence <= known) {
            return false;
        }
        boolean one = fence == known + 1;
        story.tellThen(
                "taken over",
                fence,
                (one ? "attempt " : "attempts " + (known + 1 - base) + " to ") + (fence - base) + " followed, "
                        + (one ? "by " : "the last by ") + view.text("owner"));
        return true;
    }

    private void checkpoints(List<Row> rows) {
        for (Row row : rows) {
            story.tell(
                    row.time("written_at"),
                    row.text("name").equals("toolgate:probe") ? "probed" : "checkpoint",
                    row.number("fence"),
                    Facts.mark(row.text("name"), KeyFacts.answer(row), true));
        }
    }

    /** Tells how {@code view}, a record as it stood or stands, came to its state. */
    static void tellState(KeyFacts facts, Row view, Story story) {
        String code = view.textOrNull("failure_code");
        String failure = Texts.failure(code, view.textOrNull("failure_message"));
        long fence = view.number("fence");
        String owner = view.text("owner");
        switch (view.text("status")) {
            case "IN_PROGRESS" -> {
                if (Facts.isExpired(view, facts.now())) {
                    story.tell(
                            view.time("lease_until"),
                            "vanished",
                            fence,
                            "the lease ended; " + owner + " had left no result");
                }
            }
            case "IN_DOUBT" -> {
                if (ClaimMachine.OWNER_VANISHED.equals(code)) {
                    story.tell(
                            view.time("lease_until"),
                            "vanished",
                            fence,
                            "the lease ended; " + owner + " had left no result");
                }
                story.tell(
                        view.time("updated_at"),
                        ClaimMachine.QUARANTINED.equals(code) ? "quarantined" : "in doubt",
                        fence,
                        ClaimMachine.OWNER_VANISHED.equals(code)
                                ? "a caller found that, and it was marked in doubt"
                                : ClaimMachine.QUARANTINED.equals(code)
                                        ? "it was quarantined: " + failure
                                        : "it was left in doubt: " + failure);
            }
            case "COMPLETED" ->
                story.tell(view.time("updated_at"), "completed", fence, "it was completed: " + Facts.result(view));
            case "REJECTED" -> story.tell(view.time("updated_at"), "rejected", fence, "it was rejected: " + failure);
            default -> story.tell(view.time("updated_at"), "released", fence, "it was released: " + failure);
        }
    }

    /** Tells what was decided about the record that {@code row} shows as it stood. */
    static void tellDecision(Row row, Story story) {
        String verdict = switch (row.text("decision")) {
            case "RETIRED" -> "retired it";
            case "COMPLETED" -> "resolved it as completed";
            case "REJECTED" -> "resolved it as rejected";
            default -> "resolved it as not executed, to be run again";
        };
        story.tell(
                row.time("decided_at"),
                row.text("decision").equals("RETIRED") ? "retired" : "resolved",
                row.number("fence"),
                row.text("operator") + " " + verdict + ". Reason: " + Texts.oneLine(row.text("reason")));
    }
}
