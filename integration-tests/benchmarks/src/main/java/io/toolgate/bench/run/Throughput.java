package io.toolgate.bench.run;

import io.toolgate.bench.contender.BenchDatabase;
import io.toolgate.bench.contender.Contender;
import io.toolgate.bench.contender.ContenderFactory;
import io.toolgate.bench.load.ClosedLoop;
import io.toolgate.bench.load.Failures;
import io.toolgate.bench.load.Keys;
import io.toolgate.bench.load.Latencies;
import io.toolgate.bench.load.Load;
import io.toolgate.bench.load.Once;
import io.toolgate.bench.report.Sample;
import io.toolgate.bench.wakeup.LocalParty;
import io.toolgate.bench.wakeup.RemoteParty;
import io.toolgate.bench.wakeup.WakeupRounds;
import io.toolgate.support.Json;
import io.toolgate.support.process.Dialogue;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;

/** Fresh keys with an empty effect, in a closed loop, in one process or in several that begin together. */
final class Throughput implements Benchmark {
    static final String NAME = "throughput";

    /** The trait that distinguishes results with waiters. */
    private static final String WAITERS = "waiters";

    private static final Duration WATCHED_ACTION = Duration.ofMillis(50);
    private static final Duration STARTUP = Duration.ofMinutes(1);
    private static final Duration MARGIN = Duration.ofMinutes(3);

    private final Ground ground;
    private final Load load;
    private final int processes;
    private final List<Integer> waiters;

    /**
     * A throughput benchmark.
     *
     * @param waiters numbers of keys of this process that another process waits for; each is measured
     */
    Throughput(Ground ground, Load load, int processes, List<Integer> waiters) {
        this.ground = ground;
        this.load = load;
        this.processes = processes;
        this.waiters = List.copyOf(waiters);
    }

    @Override
    public List<Entrant> entrants(List<ContenderFactory> contenders) {
        boolean noWaiters = waiters.equals(List.of(0));
        return contenders.stream()
                .flatMap(contender -> waiters.stream()
                        .map(number ->
                                new Entrant(NAME, contender, noWaiters ? Map.of() : Map.of(WAITERS, (long) number))))
                .toList();
    }

    @Override
    public Sample measure(Entrant entrant, int concurrency, long seed) throws Exception {
        return ground.fresh(entrant.contender(), place -> {
            if (processes > 1) {
                return byProcesses(entrant.contender(), place, concurrency, seed);
            }
            long watched = (Long) entrant.traits().getOrDefault(WAITERS, 0L);
            try (Contender contender = entrant.contender().open(place, concurrency)) {
                return watched == 0
                        ? sample(run(contender, concurrency, load, seed), Map.of())
                        : watched(entrant.contender(), contender, place, concurrency, (int) watched, seed);
            }
        });
    }

    static ClosedLoop.Outcome run(Contender contender, int concurrency, Load load, long seed) throws Exception {
        Once once = new Once(contender);
        ClosedLoop.Outcome outcome = ClosedLoop.run(load, concurrency, caller -> {
            Keys keys = new Keys(seed + caller);
            return () -> once.call(keys.next());
        });
        once.checkEachRanOnce();
        return outcome;
    }

    /** The same, while a thread repeats {@code other}. */
    static ClosedLoop.Outcome runBeside(Failures.Work other, Contender contender, int concurrency, Load load, long seed)
            throws Exception {
        AtomicBoolean over = new AtomicBoolean();
        Failures failures = new Failures();
        Thread thread = new Thread(
                () -> failures.catching(() -> {
                    while (!over.get()) {
                        other.run();
                    }
                }),
                "beside");
        thread.start();
        ClosedLoop.Outcome outcome;
        try {
            outcome = run(contender, concurrency, load, seed);
        } finally {
            over.set(true);
            thread.join();
        }
        failures.rethrow();
        return outcome;
    }

    /** The same, while another process waits for keys that this one keeps running and finishing. */
    private Sample watched(
            ContenderFactory factory, Contender contender, BenchDatabase place, int concurrency, int keys, long seed)
            throws Exception {
        try (LocalParty owner = new LocalParty(contender);
                RemoteParty waiter = RemoteParty.in(ground.start(RemoteParty.ROLE), factory.name(), place, keys)) {
            WakeupRounds wakeups = new WakeupRounds(owner, waiter, keys, ~seed);
            wakeups.warmUp(load.warmup());
            ClosedLoop.Outcome outcome =
                    runBeside(() -> wakeups.play(WATCHED_ACTION), contender, concurrency, load, seed);
            return sample(
                    outcome,
                    Map.of(
                            "wakeup_p50_ms", wakeups.latencies().percentile(50),
                            "wakeup_p99_ms", wakeups.latencies().percentile(99)));
        }
    }

    static Sample sample(ClosedLoop.Outcome outcome, Map<String, Double> extras) {
        return sample(outcome.opsPerSecond(), outcome.latencies(), extras);
    }

    private static Sample sample(double opsPerSecond, Latencies latencies, Map<String, Double> extras) {
        return new Sample(opsPerSecond, latencies.percentile(50), latencies.percentile(99), extras);
    }

    private Sample byProcesses(ContenderFactory contender, BenchDatabase place, int concurrency, long seed)
            throws Exception {
        List<Dialogue> children = new ArrayList<>();
        try {
            for (int i = 0; i < processes; i++) {
                Dialogue child = ground.start(ThroughputChild.ROLE);
                children.add(child);
                child.send(Json.line(new ThroughputChild.Plan(
                        contender.name(),
                        place,
                        concurrency,
                        load.warmup().toMillis(),
                        load.window().toMillis(),
                        // Far enough apart that callers of two processes do not draw the same keys.
                        seed + ((long) i << 32))));
            }
            for (Dialogue child : children) {
                String unused = child.receive(STARTUP);
            }
            for (Dialogue child : children) {
                child.send("go");
            }
            List<ThroughputChild.Answer> answers = new ArrayList<>();
            for (Dialogue child : children) {
                answers.add(Json.read(
                        child.receive(load.warmup().plus(load.window()).plus(MARGIN)), ThroughputChild.Answer.class));
            }
            return together(answers);
        } finally {
            children.forEach(Dialogue::close);
        }
    }

    private static Sample together(List<ThroughputChild.Answer> answers) {
        Latencies latencies = new Latencies();
        answers.forEach(answer -> latencies.addAll(Latencies.decoded(answer.latencies())));
        double[] each = answers.stream()
                .mapToDouble(ThroughputChild.Answer::opsPerSecond)
                .sorted()
                .toArray();
        double all = Arrays.stream(each).sum();
        double slowest = each[0];
        double fastest = each[each.length - 1];
        return sample(
                all,
                latencies,
                Map.of(
                        "slowest_process", slowest,
                        "fastest_process", fastest,
                        "slowest_of_fastest", fastest == 0 ? 0 : slowest / fastest));
    }

    @Override
    public Map<String, Object> settings() {
        Map<String, Object> settings = new LinkedHashMap<>(load.settings());
        settings.put("processes", processes);
        if (!waiters.equals(List.of(0))) {
            settings.put(
                    WAITERS,
                    waiters
                            + ": keys that the loaded process owns for 50 to 100 ms, one set after the other, while"
                            + " another process waits for them");
        }
        settings.put("operation", "a call with a new random UUID as its key and an empty effect");
        return settings;
    }
}
