package io.toolgate.race.report;

import io.toolgate.race.report.KeyTimeline.Attempt;
import io.toolgate.race.report.KeyTimeline.Effect;
import io.toolgate.race.report.KeyTimeline.Lane;
import io.toolgate.race.report.KeyTimeline.Mark;
import java.text.DecimalFormat;
import java.text.DecimalFormatSymbols;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.NavigableSet;
import java.util.TreeSet;

/** Maps times to positions in a picture. Long times without events are cut out, so that the rest has room. */
final class TimeScale {
    static final double CUT_WIDTH = 40;
    private static final double TICK_DISTANCE = 64;
    private static final double[] STEPS = {1, 2, 5};

    /** A time that is cut out, and the position where it is marked. */
    record Cut(long from, long to, double x) {}

    /** A tick on the axis. */
    record Tick(double x, String text) {}

    private final long from;
    private final long to;
    private final double left;
    private final double right;
    private final List<Cut> cuts = new ArrayList<>();
    private final double perNano;

    /**
     * @param moments the times of events; at least one
     * @param idleNanos the shortest time without events that is cut out
     */
    TimeScale(NavigableSet<Long> moments, long idleNanos, double left, double right) {
        this.from = moments.first();
        this.to = Math.max(moments.last(), from + 1);
        this.left = left;
        this.right = right;
        List<long[]> idle = new ArrayList<>();
        long shown = to - from;
        Iterator<Long> each = moments.iterator();
        long before = each.next();
        while (each.hasNext()) {
            long next = each.next();
            if (next - before > idleNanos) {
                idle.add(new long[] {before, next});
                shown -= next - before;
            }
            before = next;
        }
        this.perNano = (right - left - idle.size() * CUT_WIDTH) / Math.max(1, shown);
        double x = left;
        long at = from;
        for (long[] gap : idle) {
            x += (gap[0] - at) * perNano;
            cuts.add(new Cut(gap[0], gap[1], x));
            x += CUT_WIDTH;
            at = gap[1];
        }
    }

    /** The scale of a timeline. */
    static TimeScale of(KeyTimeline timeline, long leaseNanos, double left, double right) {
        NavigableSet<Long> moments = new TreeSet<>();
        moments.add(timeline.from());
        moments.add(timeline.to());
        for (Lane lane : timeline.lanes()) {
            for (Attempt attempt : lane.attempts()) {
                moments.addAll(List.of(attempt.claimed().nanos(), attempt.to(), attempt.ownedTo(), attempt.leaseTo()));
                attempt.heartbeats().forEach(beat -> moments.add(beat.nanos()));
            }
            for (Effect effect : lane.effects()) {
                moments.addAll(List.of(effect.sent().nanos(), effect.to()));
            }
            // Faults of a process while it did not touch the key are not part of the key's timeline.
            lane.marks().stream()
                    .filter(mark -> mark.kind() != Mark.Kind.RECLOCKED)
                    .forEach(mark -> moments.add(mark.at().nanos()));
            lane.waits().forEach(wait -> moments.addAll(List.of(wait.called().nanos(), wait.to())));
        }
        timeline.ledger().forEach(line -> moments.add(line.nanos()));
        return new TimeScale(
                moments.subSet(timeline.from(), true, timeline.to(), true), leaseNanos + leaseNanos / 4, left, right);
    }

    double x(long nanos) {
        long bounded = Math.max(from, Math.min(to, nanos));
        double x = left;
        long at = from;
        for (Cut cut : cuts) {
            if (bounded <= cut.from()) {
                break;
            }
            if (bounded < cut.to()) {
                return cut.x() + CUT_WIDTH * (bounded - cut.from()) / (cut.to() - cut.from());
            }
            x = cut.x() + CUT_WIDTH;
            at = cut.to();
        }
        return x + (bounded - at) * perNano;
    }

    /** Whether a time is cut out. */
    boolean isCut(long nanos) {
        return cuts.stream().anyMatch(cut -> cut.from() < nanos && nanos < cut.to());
    }

    double left() {
        return left;
    }

    double right() {
        return right;
    }

    List<Cut> cuts() {
        return cuts;
    }

    /** Round times in milliseconds since the beginning, far enough apart to be readable. */
    List<Tick> ticks() {
        double stepMillis = step(TICK_DISTANCE / perNano / 1e6);
        List<Tick> ticks = new ArrayList<>();
        int next = 0;
        long at = 0;
        double free = Double.NEGATIVE_INFINITY;
        while (from + at <= to) {
            if (next < cuts.size() && from + at > cuts.get(next).from()) {
                // Continue with the first round time after the cut.
                long after = cuts.get(next).to() - from;
                long stepNanos = (long) (stepMillis * 1e6);
                at = Math.max(at, -Math.floorDiv(-after, stepNanos) * stepNanos);
                free = Math.max(free, cuts.get(next).x() + CUT_WIDTH + TICK_DISTANCE / 4);
                next++;
                continue;
            }
            double x = x(from + at);
            boolean clear = next == cuts.size() || x < cuts.get(next).x() - TICK_DISTANCE / 4;
            if (x >= free && x <= right && clear) {
                ticks.add(new Tick(x, label(at / 1e6)));
                free = x + TICK_DISTANCE * 0.7;
            }
            at += (long) (stepMillis * 1e6);
        }
        return ticks;
    }

    /** The least of 1, 2, 5, 10, 20, … that is at least {@code atLeast}, down to a hundredth. */
    static double step(double atLeast) {
        double ten = 0.01;
        while (true) {
            for (double step : STEPS) {
                if (step * ten >= atLeast) {
                    return step * ten;
                }
            }
            ten *= 10;
        }
    }

    /** A number as an axis shows it. */
    static String label(double millis) {
        return new DecimalFormat("#,##0.##", DecimalFormatSymbols.getInstance(Locale.ROOT)).format(millis);
    }
}
