package io.toolgate.race.fault;

import io.toolgate.race.fault.Fault.Kind;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;

/**
 * Random sequence of a run's faults: the same settings and seed give the same kinds in the same order. Which process
 * each one hits, and in which state, depends on the machine.
 */
public final class FaultPlan {
    private static final long HOUR_MILLIS = 3_600_000;
    private static final double LONGEST_FREEZE_LEASES = 3;
    private static final double SHORTEST_FREEZE_LEASES = 0.3;

    private final List<List<Fault>> kinds = new ArrayList<>();
    private final SplittableRandom order;
    // Separate from the order, which must not depend on how often something else is drawn.
    private final SplittableRandom random;

    /**
     * @param faults the kinds of faults to inject at random
     * @param failpoints faults at given failpoints; if there are any, kills and freezes happen only at these
     */
    public FaultPlan(Set<Kind> faults, List<Fault> failpoints, long seed) {
        order = new SplittableRandom(seed);
        random = order.split();
        if (!failpoints.isEmpty()) {
            kinds.add(List.copyOf(failpoints));
        }
        faults.stream()
                .sorted(Comparator.comparing(Kind::ordinal))
                .filter(kind -> failpoints.isEmpty() || kind == Kind.CLOCK)
                .forEach(kind -> kinds.add(waysTo(kind)));
    }

    /**
     * The variants of {@code kind}, to be drawn with equal chance: half at a random moment, half spread over the
     * failpoints.
     */
    private static List<Fault> waysTo(Kind kind) {
        List<Fault> ways = new ArrayList<>();
        if (kind != Kind.CLOCK) {
            for (Failpoint point : Failpoint.values()) {
                ways.add(new Fault(kind, point));
                ways.add(new Fault(kind, null));
            }
        } else {
            ways.add(new Fault(kind, null));
        }
        return ways;
    }

    /** Whether there are no faults. */
    public boolean isEmpty() {
        return kinds.isEmpty();
    }

    /** The next fault. */
    public Fault next() {
        List<Fault> ways = kinds.get(order.nextInt(kinds.size()));
        return ways.get(order.nextInt(ways.size()));
    }

    /** Draws which of {@code count} processes the next fault hits, if it is not tied to a failpoint. */
    public int choice(int count) {
        return random.nextInt(count);
    }

    /** Draws the time until the next fault. */
    public long pauseMillis(long everyMillis) {
        return everyMillis + random.nextLong(everyMillis / 2 + 1);
    }

    /** Draws how long a process is frozen: from less than a lease to three. */
    public long freezeMillis(long leaseMillis) {
        double leases = SHORTEST_FREEZE_LEASES + random.nextDouble() * (LONGEST_FREEZE_LEASES - SHORTEST_FREEZE_LEASES);
        return (long) (leases * leaseMillis);
    }

    /** Draws by how much a clock is shifted: up to an hour either way. */
    public long offsetMillis() {
        return random.nextLong(-HOUR_MILLIS, HOUR_MILLIS + 1);
    }
}
