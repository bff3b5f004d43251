package io.toolgate.race.checker;

import io.toolgate.race.checker.Spans.Span;
import io.toolgate.race.history.Deed;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The times at which processes did not run: they were frozen, or the machine did not schedule them, which shows as a
 * gap between their ticks.
 */
final class Stalls {
    private static final Spans NONE = Spans.of(List.of());

    private final Map<Integer, Spans> byProcess = new HashMap<>();
    private final Spans freezes;

    /** The stalls that {@code deeds} caused, and those that {@code gaps} between ticks show, by process. */
    Stalls(List<Deed> deeds, Map<Integer, List<Span>> gaps) {
        Map<Integer, List<Span>> all = new HashMap<>();
        gaps.forEach((process, spans) -> all.put(process, new ArrayList<>(spans)));
        List<Span> frozen = new ArrayList<>();
        freezes(deeds).forEach((process, spans) -> {
            all.computeIfAbsent(process, p -> new ArrayList<>()).addAll(spans);
            frozen.addAll(spans);
        });
        all.forEach((process, spans) -> byProcess.put(process, Spans.of(spans)));
        this.freezes = Spans.of(frozen);
    }

    private static Map<Integer, List<Span>> freezes(List<Deed> deeds) {
        Map<Integer, Deed.Frozen> open = new HashMap<>();
        Map<Integer, List<Span>> found = new HashMap<>();
        for (Deed deed : deeds) {
            if (deed instanceof Deed.Frozen frozen) {
                open.putIfAbsent(frozen.process(), frozen);
            } else if (deed instanceof Deed.Thawed thawed) {
                close(thawed.process(), thawed.nanos(), open, found);
            } else if (deed instanceof Deed.Killed killed) {
                close(killed.process(), killed.nanos(), open, found);
            }
        }
        // A process that was never thawed did not run again.
        List.copyOf(open.keySet()).forEach(process -> close(process, Long.MAX_VALUE, open, found));
        return found;
    }

    private static void close(int process, long until, Map<Integer, Deed.Frozen> open, Map<Integer, List<Span>> found) {
        Deed.Frozen frozen = open.remove(process);
        if (frozen != null) {
            found.computeIfAbsent(process, p -> new ArrayList<>()).add(new Span(frozen.sentNanos(), until));
        }
    }

    /** The times at which {@code process} did not run. */
    Spans of(int process) {
        return byProcess.getOrDefault(process, NONE);
    }

    /**
     * The times at which any process was frozen. A process frozen in a commit can block others: SQLite has one writer.
     */
    Spans freezes() {
        return freezes;
    }
}
