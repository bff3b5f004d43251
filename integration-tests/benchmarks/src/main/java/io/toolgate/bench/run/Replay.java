package io.toolgate.bench.run;

import io.toolgate.bench.contender.BenchDatabase;
import io.toolgate.bench.contender.Contender;
import io.toolgate.bench.contender.ContenderFactory;
import io.toolgate.bench.contender.DatabaseKind;
import io.toolgate.bench.database.Wire;
import io.toolgate.bench.load.ClosedLoop;
import io.toolgate.bench.load.Failures;
import io.toolgate.bench.load.Keys;
import io.toolgate.bench.load.Load;
import io.toolgate.bench.load.Once;
import io.toolgate.bench.report.Sample;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;

/** Finished keys, called again in a closed loop; on PostgreSQL also the WAL and the round trips of a replay. */
final class Replay implements Benchmark {
    static final String NAME = "replay";

    private static final int FILLERS = 16;
    private static final int COUNTED = 500;
    private static final int COUNTS = 3;

    private final Ground ground;
    private final Load load;
    private final int keys;

    Replay(Ground ground, Load load, int keys) {
        this.ground = ground;
        this.load = load;
        this.keys = keys;
    }

    @Override
    public List<Entrant> entrants(List<ContenderFactory> contenders) {
        return Entrant.each(NAME, contenders);
    }

    @Override
    public Sample measure(Entrant entrant, int concurrency, long seed) throws Exception {
        ContenderFactory factory = entrant.contender();
        return ground.fresh(factory, place -> {
            Keys random = new Keys(seed);
            List<String> finished = Stream.generate(random::next).limit(keys).toList();
            try (Contender contender = factory.open(place, FILLERS)) {
                fill(contender, finished);
            }
            ground.places().settle();
            Map<String, Double> extras =
                    place.kind() == DatabaseKind.POSTGRESQL ? cost(factory, place, finished) : Map.of();
            try (Contender contender = factory.open(place, concurrency)) {
                Once once = new Once(contender);
                ClosedLoop.Outcome outcome = ClosedLoop.run(load, concurrency, caller -> {
                    SplittableRandom choice = new SplittableRandom(seed + caller);
                    return () -> once.call(finished.get(choice.nextInt(keys)));
                });
                if (once.effects() != 0) {
                    throw new IllegalStateException(once.effects() + " finished keys ran again");
                }
                return Throughput.sample(outcome, extras);
            }
        });
    }

    private static void fill(Contender contender, List<String> finished) throws Exception {
        Once once = new Once(contender);
        AtomicInteger next = new AtomicInteger();
        Thread[] fillers = new Thread[FILLERS];
        Failures failures = new Failures();
        for (int i = 0; i < FILLERS; i++) {
            fillers[i] = new Thread(() -> failures.catching(() -> {
                int index = next.getAndIncrement();
                while (index < finished.size()) {
                    once.call(finished.get(index));
                    index = next.getAndIncrement();
                }
            }));
            fillers[i].start();
        }
        for (Thread filler : fillers) {
            filler.join();
        }
        failures.rethrow();
        once.checkEachRanOnce();
    }

    /** Measured by one caller over a counting proxy, on a server without other load. */
    private static Map<String, Double> cost(ContenderFactory factory, BenchDatabase place, List<String> finished)
            throws Exception {
        try (Wire wire = Wire.to(place);
                Contender contender = factory.open(wire.over(place), 1);
                Connection watch = place.connect()) {
            Once once = new Once(contender);
            replay(once, finished);
            double wal = Double.MAX_VALUE;
            wire.reset();
            for (int i = 0; i < COUNTS; i++) {
                long before = walPosition(watch);
                replay(once, finished);
                // The lowest count has none of what the server writes by itself now and then.
                wal = Math.min(wal, (walPosition(watch) - before) / (double) COUNTED);
            }
            Wire.Count count = wire.count();
            double replays = COUNTS * (double) COUNTED;
            return Map.of(
                    "wal_bytes_per_replay", wal,
                    "statements_per_replay", count.statements() / replays,
                    "round_trips_per_replay", count.roundTrips() / replays);
        }
    }

    private static void replay(Once once, List<String> finished) throws Exception {
        for (int i = 0; i < COUNTED; i++) {
            once.call(finished.get(i % finished.size()));
        }
    }

    private static long walPosition(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("SELECT pg_current_wal_insert_lsn() - '0/0'::pg_lsn")) {
            return row.next() ? row.getLong(1) : 0;
        }
    }

    @Override
    public Map<String, Object> settings() {
        Map<String, Object> settings = new LinkedHashMap<>(load.settings());
        settings.put("keys", keys);
        settings.put("operation", "a call with one of the finished keys, drawn at random");
        return settings;
    }
}
