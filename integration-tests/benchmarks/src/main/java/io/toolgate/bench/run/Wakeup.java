package io.toolgate.bench.run;

import io.toolgate.bench.contender.Contender;
import io.toolgate.bench.contender.ContenderFactory;
import io.toolgate.bench.load.Latencies;
import io.toolgate.bench.report.Sample;
import io.toolgate.bench.wakeup.LocalParty;
import io.toolgate.bench.wakeup.Party;
import io.toolgate.bench.wakeup.RemoteParty;
import io.toolgate.bench.wakeup.WakeupRounds;
import java.time.Duration;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/**
 * The delay from the return of an owner's call to the return of a waiter's. Concurrency is the number of keys that
 * run, are waited for and finish at a time.
 */
final class Wakeup implements Benchmark {
    /** The shortest delay from which a rate is computed. */
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
                // One process has the owners and the waiters.
                try (Contender contender = factory.open(place, 2 * concurrency);
                        LocalParty party = new LocalParty(contender)) {
                    return rounds(party, party, concurrency, seed);
                }
            }
            try (RemoteParty owner =
                            RemoteParty.in(ground.start(RemoteParty.ROLE), factory.name(), place, concurrency);
                    RemoteParty waiter =
                            RemoteParty.in(ground.start(RemoteParty.ROLE), factory.name(), place, concurrency)) {
                return rounds(owner, waiter, concurrency, seed);
            }
        });
    }

    private Sample rounds(Party owner, Party waiter, int concurrency, long seed) throws Exception {
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
