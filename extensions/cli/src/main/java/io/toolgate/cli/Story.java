package io.toolgate.cli;

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

/** What happened to a key, in time order, and what of it cannot be known. Not safe for use by many threads. */
final class Story {
    private final List<Event> events = new ArrayList<>();
    private final List<String> unknowns = new ArrayList<>();

    private final UnaryOperator<String> shown;

    /** A story whose texts are told as {@code shown} shows them. */
    Story(UnaryOperator<String> shown) {
        this.shown = shown;
    }

    /**
     * Something that happened.
     *
     * @param at when, or null if that is not known
     * @param order when it is told: with {@code at}, or with what was told before
     * @param event what kind of thing it is, for programs
     * @param fence of the attempt that it belongs to
     * @param text for people
     */
    private record Event(@Nullable Instant at, Instant order, String event, long fence, String text) {}

    /** Tells what happened at {@code at}. */
    void tell(Instant at, String event, long fence, String text) {
        events.add(new Event(at, at, event, fence, shown.apply(text)));
    }

    /** Tells what happened some time after what was told last. */
    void tellThen(String event, long fence, String text) {
        Instant before =
                events.isEmpty() ? Instant.EPOCH : events.get(events.size() - 1).order();
        events.add(new Event(null, before, event, fence, shown.apply(text)));
    }

    /** Says what cannot be known. */
    void unknown(String text) {
        unknowns.add(text);
    }

    private List<Event> inOrder() {
        // Stable: what happened in one millisecond stays in the order in which it was told.
        return events.stream().sorted(Comparator.comparing(Event::order)).toList();
    }

    /** For programs. */
    List<Map<String, @Nullable Object>> objects() {
        List<Map<String, @Nullable Object>> objects = new ArrayList<>();
        for (Event event : inOrder()) {
            Map<String, @Nullable Object> object = new LinkedHashMap<>();
            object.put("at", event.at());
            object.put("event", event.event());
            object.put("fence", event.fence());
            object.put("text", event.text());
            objects.add(object);
        }
        return objects;
    }

    List<String> unknowns() {
        return List.copyOf(unknowns);
    }

    /** For people: a line an event, with the time since the one before. */
    void print(PrintWriter out) {
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
