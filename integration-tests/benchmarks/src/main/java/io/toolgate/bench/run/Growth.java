package io.toolgate.bench.run;

import io.toolgate.bench.contender.BenchDatabase;
import io.toolgate.bench.contender.Contender;
import io.toolgate.bench.contender.ContenderFactory;
import io.toolgate.bench.contender.GrowableFactory;
import io.toolgate.bench.load.Load;
import io.toolgate.bench.report.Sample;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/**
 * Throughput with an empty table and with one that has many rows. Full tables are filled once and kept. There is no
 * checkpoint between windows: a server in steady state writes few full pages, and the first warm-up writes those of
 * the full tables.
 */
final class Growth implements Benchmark {
    static final String NAME = "growth";

    private static final String ROWS = "rows";
    private static final long STEP = 1_000_000;

    private final Ground ground;
    private final Load load;
    private final long rows;
    private final Consumer<String> progress;
    private final Map<String, BenchDatabase> full = new LinkedHashMap<>();

    Growth(Ground ground, Load load, long rows, Consumer<String> progress) {
        this.ground = ground;
        this.load = load;
        this.rows = rows;
        this.progress = progress;
    }

    @Override
    public List<Entrant> entrants(List<ContenderFactory> contenders) throws Exception {
        List<Entrant> entrants = new ArrayList<>();
        for (ContenderFactory contender : contenders) {
            if (!(contender instanceof GrowableFactory growable)) {
                throw new IllegalArgumentException(contender.name() + " cannot be filled");
            }
            fill(growable);
            entrants.add(new Entrant(NAME, contender, Map.of(ROWS, 0L)));
            entrants.add(new Entrant(NAME, contender, Map.of(ROWS, rows)));
        }
        ground.places().settle();
        return entrants;
    }

    private void fill(GrowableFactory contender) throws Exception {
        BenchDatabase place = ground.places().create(contender.name());
        full.put(contender.name(), place);
        contender.install(place);
        for (long done = 0; done < rows; done += STEP) {
            progress.accept(
                    "filling " + contender.name() + ", " + done / STEP + " of " + rows / STEP + " million rows");
            contender.fill(place, Math.min(STEP, rows - done));
        }
    }

    @Override
    public Sample measure(Entrant entrant, int concurrency, long seed) throws Exception {
        ContenderFactory factory = entrant.contender();
        boolean empty = Long.valueOf(0).equals(entrant.traits().get(ROWS));
        BenchDatabase place = empty ? ground.places().create(factory.name()) : full.get(factory.name());
        if (place == null) {
            throw new IllegalStateException(factory.name() + " was not filled");
        }
        try {
            if (empty) {
                factory.install(place);
            }
            try (Contender contender = factory.open(place, concurrency)) {
                return Throughput.sample(Throughput.run(contender, concurrency, load, seed), Map.of());
            }
        } finally {
            if (empty) {
                ground.places().drop(place);
            }
        }
    }

    @Override
    public Map<String, Object> settings() {
        Map<String, Object> settings = new LinkedHashMap<>(load.settings());
        settings.put(ROWS, rows);
        settings.put(
                "operation",
                "a call with a new random UUID as its key and an empty effect, on a table that was empty or had so many"
                        + " finished rows with random keys");
        settings.put("checkpoints", "after filling, none between windows");
        return settings;
    }

    @Override
    public void close() throws Exception {
        for (BenchDatabase place : full.values()) {
            ground.places().drop(place);
        }
    }
}
