package io.toolgate.bench.run;

import io.toolgate.bench.contender.BenchDatabase;
import io.toolgate.bench.contender.Contender;
import io.toolgate.bench.contender.ContenderFactory;
import io.toolgate.bench.contender.PurgeableFactory;
import io.toolgate.bench.load.ClosedLoop;
import io.toolgate.bench.load.Load;
import io.toolgate.bench.report.Sample;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Throughput on a table with many rows past their retention: without a purge, and while a thread purges all the time.
 */
final class Purging implements Benchmark {
    static final String NAME = "purge";

    /** The number of concurrent purges. */
    private static final String PURGES = "purges";

    /** Rows after which the thread checks for the end; the contender's own batches are smaller. */
    private static final int PART = 1000;

    private final Ground ground;
    private final Load load;
    private final long rows;

    Purging(Ground ground, Load load, long rows) {
        this.ground = ground;
        this.load = load;
        this.rows = rows;
    }

    @Override
    public List<Entrant> entrants(List<ContenderFactory> contenders) {
        List<Entrant> entrants = new ArrayList<>();
        for (ContenderFactory contender : contenders) {
            entrants.add(new Entrant(NAME, contender, Map.of(PURGES, 0L)));
            entrants.add(new Entrant(NAME, contender, Map.of(PURGES, 1L)));
        }
        return entrants;
    }

    @Override
    public Sample measure(Entrant entrant, int concurrency, long seed) throws Exception {
        if (!(entrant.contender() instanceof PurgeableFactory factory)) {
            throw new IllegalArgumentException(entrant.contender().name() + " cannot purge");
        }
        boolean purging = Long.valueOf(1).equals(entrant.traits().get(PURGES));
        return ground.fresh(factory, place -> {
            factory.fillExpired(place, rows);
            ground.places().settle();
            try (Contender contender = factory.open(place, concurrency)) {
                return purging
                        ? whilePurging(factory, contender, place, concurrency, seed)
                        : Throughput.sample(Throughput.run(contender, concurrency, load, seed), Map.of());
            }
        });
    }

    private Sample whilePurging(
            PurgeableFactory factory, Contender contender, BenchDatabase place, int concurrency, long seed)
            throws Exception {
        try (PurgeableFactory.Purge purge = factory.openPurge(place)) {
            Sweep sweep = new Sweep(purge);
            ClosedLoop.Outcome outcome = Throughput.runBeside(sweep::next, contender, concurrency, load, seed);
            return Throughput.sample(outcome, Map.of("purged_per_second", sweep.perSecond()));
        }
    }

    /** Purges one part after the other. */
    private final class Sweep {
        private final PurgeableFactory.Purge purge;
        private final long start = System.nanoTime();
        private long purged;
        private long nanos;

        Sweep(PurgeableFactory.Purge purge) {
            this.purge = purge;
        }

        /** Fails when no row is left: the rest of the window would be measured without a purge. */
        void next() throws Exception {
            int done = purge.purge(PART);
            if (done < PART) {
                throw new IllegalStateException("all " + rows + " rows were purged before the window ended;"
                        + " give more --rows, or fewer --seconds");
            }
            purged += done;
            nanos = System.nanoTime() - start;
        }

        double perSecond() {
            if (purged == 0) {
                throw new IllegalStateException("nothing was purged");
            }
            return purged / (nanos / 1e9);
        }
    }

    @Override
    public Map<String, Object> settings() {
        Map<String, Object> settings = new LinkedHashMap<>(load.settings());
        settings.put("rows", rows);
        settings.put(
                "operation",
                "a call with a new random UUID as its key and an empty effect, on a table with so many rows past their"
                        + " retention, without a purge, or while a thread purges from the warm-up to the end");
        return settings;
    }
}
