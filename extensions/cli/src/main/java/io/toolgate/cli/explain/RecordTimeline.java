package io.toolgate.cli.explain;

import io.toolgate.cli.query.Row;
import io.toolgate.cli.query.StoreView;
import io.toolgate.store.Checkpoint;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Fills a timeline without a journal: from the record, the decisions about it, and its checkpoints. */
final class RecordTimeline {
    private final KeyFacts facts;
    private final Timeline timeline;

    private RecordTimeline(KeyFacts facts, Timeline timeline) {
        this.facts = facts;
        this.timeline = timeline;
    }

    static void fill(KeyFacts facts, Timeline timeline) {
        new RecordTimeline(facts, timeline).fill();
    }

    private void fill() {
        // Versions of the record that are known: before each decision, and now.
        List<Row> versions = new ArrayList<>(facts.history());
        Row record = facts.record();
        if (record != null) {
            versions.add(record);
        }
        boolean attemptsUnknown = false;
        Row before = null;
        for (Row version : versions) {
            List<Row> checkpoints = checkpoints(version, before);
            long fence = version.number("fence");
            long known = addFirstClaim(version, before);
            addCheckpoints(checkpoints.stream()
                    .filter(row -> row.number("fence") < fence)
                    .toList());
            attemptsUnknown |= addAttempts(version, known);
            addCheckpoints(checkpoints.stream()
                    .filter(row -> row.number("fence") >= fence)
                    .toList());
            boolean madeByDecision = before != null && version.number("version") == before.number("version") + 1;
            if (!madeByDecision) {
                addState(facts, version, timeline);
            }
            if (version != record) {
                addDecision(version, timeline);
            }
            before = version;
        }
        if (attemptsUnknown) {
            timeline.addUnknown("owners, times and results of the attempts before the last one");
        }
        timeline.addUnknown("whether and when leases were renewed");
        if (facts.checkpoints().stream().anyMatch(row -> !row.text("name").equals(Checkpoint.INPUT))) {
            timeline.addUnknown("earlier values of each checkpoint");
        }
    }

    /** The checkpoints between {@code before} and {@code version}; only those of the present record are kept. */
    private List<Row> checkpoints(Row version, @Nullable Row before) {
        Row record = facts.record();
        if (record == null || !record.time("created_at").equals(version.time("created_at"))) {
            return List.of();
        }
        long after = before == null ? 0 : before.number("version");
        return facts.checkpoints().stream()
                .filter(row -> row.number("version") > after && row.number("version") <= version.number("version"))
                .toList();
    }

    /** Adds the first claim of {@code version}'s record, unless {@code before} is of it too; returns the last fence. */
    private long addFirstClaim(Row version, @Nullable Row before) {
        if (before != null
                && version.number("life") == before.number("life")
                && version.time("created_at").equals(before.time("created_at"))) {
            return before.number("fence");
        }
        // A record past its retention counts on from a fence that nothing shows any more.
        long first = before == null ? 1 : before.number("fence") + 1;
        timeline.add(
                version.time("created_at"),
                "claimed",
                first,
                version.number("fence") == first
                        ? version.text("owner") + " claimed it: attempt " + first
                        : "it was claimed for the first time");
        return first;
    }

    /** Adds the attempts after fence {@code known} that led to {@code version}; returns whether there were any. */
    private boolean addAttempts(Row version, long known) {
        long fence = version.number("fence");
        if (fence <= known) {
            return false;
        }
        boolean one = fence == known + 1;
        timeline.addAfterLast(
                "taken over",
                fence,
                (one ? "attempt " : "attempts " + (known + 1) + " to ") + fence + " followed, "
                        + (one ? "by " : "the last by ") + version.text("owner"));
        return true;
    }

    private void addCheckpoints(List<Row> rows) {
        for (Row row : rows) {
            String name = row.text("name");
            timeline.add(
                    row.time("written_at"),
                    name.equals(StoreView.PROBE) ? "probed" : "checkpoint",
                    row.number("fence"),
                    RecordPhrases.checkpoint(name, KeyFacts.probeAnswer(row), true));
        }
    }

    /** Adds how {@code version}, the record as it was or is, came into its state. */
    static void addState(KeyFacts facts, Row version, Timeline timeline) {
        String failure = RecordPhrases.failure(version);
        long fence = version.number("fence");
        switch (version.text("status")) {
            case "IN_PROGRESS" -> {
                if (facts.isExpired(version)) {
                    addLeaseEnd(version, timeline);
                }
            }
            case "IN_DOUBT" -> {
                boolean vanished = RecordPhrases.isVanishedOwner(version);
                boolean quarantined = RecordPhrases.isQuarantined(version);
                if (vanished) {
                    addLeaseEnd(version, timeline);
                }
                timeline.add(
                        version.time("updated_at"),
                        quarantined ? "quarantined" : "in doubt",
                        fence,
                        vanished
                                ? RecordPhrases.MARKED_IN_DOUBT
                                : (quarantined ? "it was quarantined: " : "it was left in doubt: ") + failure);
            }
            case "COMPLETED" ->
                timeline.add(
                        version.time("updated_at"),
                        "completed",
                        fence,
                        "it was completed: " + RecordPhrases.result(version));
            case "REJECTED" ->
                timeline.add(version.time("updated_at"), "rejected", fence, "it was rejected: " + failure);
            default -> timeline.add(version.time("updated_at"), "released", fence, "it was released: " + failure);
        }
    }

    private static void addLeaseEnd(Row version, Timeline timeline) {
        timeline.add(
                version.time("lease_until"),
                "vanished",
                version.number("fence"),
                RecordPhrases.leaseEnded(version.text("owner")));
    }

    /** Adds the decision about the record that {@code row} shows as it was before. */
    static void addDecision(Row row, Timeline timeline) {
        String verdict = switch (row.text("decision")) {
            case "RETIRED" -> "retired it";
            case "COMPLETED" ->
                RecordPhrases.lacksResult(row) ? RecordPhrases.SUPPLIED_RESULT : "resolved it as completed";
            case "REJECTED" -> "resolved it as rejected";
            default -> "resolved it as not executed, to run again";
        };
        timeline.add(
                row.time("decided_at"),
                row.text("decision").equals("RETIRED") ? "retired" : "resolved",
                row.number("fence"),
                RecordPhrases.decision(row.text("operator"), verdict, row.text("reason")));
    }
}
