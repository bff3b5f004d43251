package io.toolgate.race.report;

import io.toolgate.race.history.Event;
import io.toolgate.race.history.Event.Answer;
import java.util.TreeMap;

/** Answered calls over time, counted in steps of {@value #STEP_MILLIS} ms. */
final class Course {
    private static final long STEP_MILLIS = 100;
    static final long STEP_NANOS = STEP_MILLIS * 1_000_000;

    /** The counts of one step. */
    static final class Step {
        long completed;
        long others;
    }

    private final TreeMap<Long, Step> steps = new TreeMap<>();

    void answered(Event.Answered answered) {
        Step step = steps.computeIfAbsent(Math.floorDiv(answered.nanos(), STEP_NANOS), at -> new Step());
        if (answered.answer() == Answer.COMPLETED) {
            step.completed++;
        } else {
            step.others++;
        }
    }

    boolean isEmpty() {
        return steps.isEmpty();
    }

    long from() {
        return steps.firstKey() * STEP_NANOS;
    }

    long to() {
        return (steps.lastKey() + 1) * STEP_NANOS;
    }

    /** The answers from {@code fromNanos} on and before {@code toNanos}, both of which are borders of steps. */
    Step between(long fromNanos, long toNanos) {
        Step sum = new Step();
        steps.subMap(Math.floorDiv(fromNanos, STEP_NANOS), Math.floorDiv(toNanos, STEP_NANOS))
                .values()
                .forEach(step -> {
                    sum.completed += step.completed;
                    sum.others += step.others;
                });
        return sum;
    }
}
