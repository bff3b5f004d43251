package io.toolgate.bench.run;

import io.toolgate.bench.contender.Contender;
import io.toolgate.bench.contender.ContenderFactory;
import io.toolgate.bench.report.Sample;
import java.time.Duration;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/**
 * How long after the owner's call returned a waiter's call returns. Concurrency is the number of keys that are owned, waited
 * for and finished at a time.
 */
final class Wakeup implements Benchmark {
    /** What a wake-up is taken to last at least where a rate is made of it. */
    private static final double LEAST_MILLIS = 1e-3;

    private final Ground ground;
    private final Duration warmup;
    private final int rounds;
    private final Duration action;
    private final Set<Where> where;

    Wakeup(Ground ground, Duration warmup, int rounds, Duration action, Set<Where> where) {
        this.ground = ground;
        this.warmup = warmup;
        this.rounds = rounds;
        this.action = action;
        this.where = EnumSet.copyOf(where);
    }

    @Override
    public List<Entrant> entrants(List<ContenderFactory> contenders) {
        return where.stream()
                .flatMap(each -> contenders.stream()
                        .map(contender -> new Entrant(
                                each.benchmark(),
                                contender,
                                Map.of("where", each.name().toLowerCase(Locale.ROOT)))))
                .toList();
    }

    @Override
    public Sample measure(Entrant entrant, int concurrency, long seed) throws Exception {
        boolean sameJvm = entrant.benchmark().equals(Where.JVM.benchmark());
        ContenderFactory factory = entrant.contender();
        return ground.fresh(factory, place -> {
            if (sameJvm) {
                // As many callers as one process has: owners and waiters.
                try (Contender contender = factory.open(place, 2 * concurrency);
                        LocalParty party = new LocalParty(contender)) {
                    return play(party, party, concurrency, seed);
                }
            }
            try (RemoteParty owner = RemoteParty.start(ground, factory.name(), place, concurrency);
                    RemoteParty waiter = RemoteParty.start(ground, factory.name(), place, concurrency)) {
                return play(owner, waiter, concurrency, seed);
            }
        });
    }

    private Sample play(Party owner, Party waiter, int concurrency, long seed) throws Exception {
        WakeupRounds wakeups = new WakeupRounds(owner, waiter, concurrency, seed);
        wakeups.warmUp(warmup);
        for (int i = 0; i < rounds; i++) {
            wakeups.play(action);
        }
        Latencies latencies = wakeups.latencies();
        return new Sample(
                1e3 / Math.max(latencies.mean(), LEAST_MILLIS),
                latencies.percentile(50),
                latencies.percentile(99),
                Map.of("woken_before_owner_returned", (double) wakeups.early()));
    }

    @Override
    public boolean isRehearsed() {
        return false;
    }

    @Override
    public Map<String, Object> settings() {
        Map<String, Object> settings = new LinkedHashMap<>();
        settings.put("warmup_seconds", warmup.toMillis() / 1e3);
        settings.put("rounds", rounds);
        settings.put("action_millis", action.toMillis() + " to " + 2 * action.toMillis());
        settings.put(
                "operation",
                "from the return of the owner's call, whose result is committed by then, to the return of the waiter's;"
                        + " System.nanoTime, checked to be one clock for all processes; ops_per_second is 1 / mean");
        return settings;
    }
}
