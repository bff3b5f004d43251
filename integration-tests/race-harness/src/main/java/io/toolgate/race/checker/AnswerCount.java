package io.toolgate.race.checker;

import io.toolgate.race.history.Event.Answered;
import java.util.ArrayList;
import java.util.List;

/** Count of a key's answers of one kind, with the time of the first one and the places of a few examples. */
final class AnswerCount {
    private static final int EXAMPLES = 3;

    private long count;
    private long firstNanos = Long.MAX_VALUE;
    private final List<String> examples = new ArrayList<>(1);

    void add(Answered answered, Place place) {
        count++;
        firstNanos = Math.min(firstNanos, answered.nanos());
        if (examples.size() < EXAMPLES) {
            examples.add(place + (answered.detail() == null ? "" : ": " + answered.detail()));
        }
    }

    long count() {
        return count;
    }

    long firstNanos() {
        return firstNanos;
    }

    /** The first few answers, in brackets. */
    String examples() {
        return " (" + (count > examples.size() ? "such as " : "") + String.join("; ", examples) + ")";
    }
}
