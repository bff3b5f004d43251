package io.toolgate.cli.explain;

import io.toolgate.cli.output.Table;
import io.toolgate.cli.output.Times;
import java.io.PrintWriter;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** The events of a key in time order, and the gaps: what cannot be known about it. Not thread-safe. */
public final class Timeline {
    private final List<Event> events = new ArrayList<>();
    private final List<String> unknowns = new ArrayList<>();

    private final UnaryOperator<String> masking;

    /** The timeline of {@code facts}, from its journal if it has one; every text is passed through {@code masking}. */
    public static Timeline of(KeyFacts facts, UnaryOperator<String> masking) {
        Timeline timeline = new Timeline(masking);
        if (facts.journal().isEmpty()) {
            RecordTimeline.fill(facts, timeline);
        } else {
            JournalTimeline.fill(facts, timeline);
        }
        return timeline;
    }

    private Timeline(UnaryOperator<String> masking) {
        this.masking = masking;
    }

    /**
     * An event.
     *
     * @param at when it happened, or null if that is not known
     * @param order its place in the timeline: {@code at}, or the place of the event that was added before
     * @param kind for programs
     * @param fence of the attempt that it belongs to
     * @param text for people
     */
    private record Event(@Nullable Instant at, Instant order, String kind, long fence, String text) {}

    /** Adds an event that happened at {@code at}. */
    void add(Instant at, String kind, long fence, String text) {
        events.add(new Event(at, at, kind, fence, masking.apply(text)));
    }

    /** Adds an event that happened at an unknown time after the one that was added before. */
    void addAfterLast(String kind, long fence, String text) {
        Instant last =
                events.isEmpty() ? Instant.EPOCH : events.get(events.size() - 1).order();
        events.add(new Event(null, last, kind, fence, masking.apply(text)));
    }

    /** Adds a gap. */
    void addUnknown(String text) {
        unknowns.add(text);
    }

    private List<Event> inOrder() {
        // Stable: events of one millisecond keep the order in which they were added.
        return events.stream().sorted(Comparator.comparing(Event::order)).toList();
    }

    /** The gaps. */
    public List<String> unknowns() {
        return List.copyOf(unknowns);
    }

    /** The events as JSON objects. */
    public List<Map<String, @Nullable Object>> objects() {
        List<Map<String, @Nullable Object>> objects = new ArrayList<>();
        for (Event event : inOrder()) {
            Map<String, @Nullable Object> object = new LinkedHashMap<>();
            object.put("at", event.at());
            object.put("event", event.kind());
            object.put("fence", event.fence());
            object.put("text", event.text());
            objects.add(object);
        }
        return objects;
    }

    /** Prints a line for each event, with the time since the event before. */
    public void print(PrintWriter out) {
        Table table = Table.of("when (UTC)", ">after", "what happened");
        Instant before = null;
        for (Event event : inOrder()) {
            Instant at = event.at();
            table.row(
                    at == null ? "" : Times.shown(at),
                    at == null || before == null ? "" : "+" + Times.shown(Duration.between(before, at)),
                    event.text());
            before = at == null ? before : at;
        }
        table.print(out);
    }
}
