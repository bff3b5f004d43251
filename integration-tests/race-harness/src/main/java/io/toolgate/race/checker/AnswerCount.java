package io.toolgate.race.checker;

import io.toolgate.race.history.Event.Answered;
import java.util.ArrayList;
import java.util.List;

/** How many answers of one kind a key gave, the first of them in time, and where a few of them stand. */
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

    /** The first few, in brackets. */
    String examples() {
        return " (" + (count > examples.size() ? "such as " : "") + String.join("; ", examples) + ")";
    }
}
