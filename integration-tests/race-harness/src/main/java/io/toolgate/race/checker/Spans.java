package io.toolgate.race.checker;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** Set of times, as ordered spans that neither overlap nor touch. Immutable. */
final class Spans {
    /** A span of time, in nanoseconds of the monotonic clock. */
    record Span(long from, long until) {
        long nanos() {
            return until - from;
        }
    }

    private final List<Span> ordered;

    private Spans(List<Span> ordered) {
        this.ordered = ordered;
    }

    /** Returns the union of {@code spans}, which may overlap. */
    static Spans of(List<Span> spans) {
        List<Span> sorted = new ArrayList<>(spans);
        sorted.removeIf(span -> span.until <= span.from);
        sorted.sort(Comparator.comparingLong(Span::from));
        List<Span> merged = new ArrayList<>();
        for (Span span : sorted) {
            Span last = merged.isEmpty() ? null : merged.get(merged.size() - 1);
            if (last != null && span.from <= last.until) {
                merged.set(merged.size() - 1, new Span(last.from, Math.max(last.until, span.until)));
            } else {
                merged.add(span);
            }
        }
        return new Spans(merged);
    }

    /** The parts between {@code from} and {@code until}. */
    List<Span> within(long from, long until) {
        List<Span> found = new ArrayList<>();
        for (int i = firstEndingAfter(from); i < ordered.size() && ordered.get(i).from < until; i++) {
            Span span = ordered.get(i);
            found.add(new Span(Math.max(span.from, from), Math.min(span.until, until)));
        }
        return found;
    }

    /** The total length of the parts between {@code from} and {@code until}. */
    long nanosWithin(long from, long until) {
        return within(from, until).stream().mapToLong(Span::nanos).sum();
    }

    private int firstEndingAfter(long moment) {
        int low = 0;
        int high = ordered.size();
        while (low < high) {
            int middle = (low + high) >>> 1;
            if (ordered.get(middle).until <= moment) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        return low;
    }
}
