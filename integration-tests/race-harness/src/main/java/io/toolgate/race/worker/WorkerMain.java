package io.toolgate.race.worker;

import io.toolgate.Fingerprint;
import io.toolgate.Outcome;
import io.toolgate.Outcome.Origin;
import io.toolgate.PaidAction;
import io.toolgate.ResultCodec;
import io.toolgate.ToolGate;
import io.toolgate.race.Json;
import io.toolgate.race.process.ParentLink;
import io.toolgate.race.provider.ChargeRequest;
import io.toolgate.race.provider.ProviderClient;
import io.toolgate.store.IdempotencyStore;
import java.io.InputStream;
import java.io.PrintStream;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.SplittableRandom;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * A worker's process, with a store and a gate of its own. Its first line of input is a {@link WorkerPlan}; it says
 * {@value #READY} and begins when the next line comes. While it works it says how many calls are over.
 */
public final class WorkerMain {
    /** The argument that makes the program a worker. */
    public static final String ROLE = "worker";

    /** What a worker says when it is connected to the database and waits for the start. */
    public static final String READY = "ready";

    /** What comes before the number of calls that are over. */
    public static final String CALLS = "calls ";

    /** What a worker says when its last call is over. */
    public static final String DONE = "done";

    /** The status of a worker whose parent died. */
    private static final int ORPHANED = 3;

    private static final long REPORT_EVERY_MILLIS = 200;

    private final WorkerPlan plan;
    private final PrintStream out;

    private WorkerMain(WorkerPlan plan, PrintStream out) {
        this.plan = plan;
        this.out = out;
    }

    /** Works until every call is made and written down. */
    public static void run(InputStream in, PrintStream out) throws Exception {
        ParentLink parent = ParentLink.listen(in, () -> Runtime.getRuntime().halt(ORPHANED));
        WorkerPlan plan = Json.read(parent.next(), WorkerPlan.class);
        new WorkerMain(plan, out).work(parent);
    }

    private void work(ParentLink parent) throws Exception {
        Duration timeout = Duration.ofMillis(plan.waitMillis());
        ProviderClient provider = new ProviderClient(plan.providerPort(), timeout);
        PaidAction<ChargeRequest, byte[]> action = ChargeCall.action(provider);
        try (IdempotencyStore store = plan.database().open(plan.connections());
                ToolGate gate = ToolGate.on(store).waitForInProgress(timeout).build();
                CallLog log = CallLog.create(Path.of(plan.calls()))) {
            provider.greet();
            warmUp(gate);
            out.println(READY);
            String unused = parent.next();
            race(
                    plan.bypass()
                            ? ChargeCall.bypassing(provider, plan.keys())
                            : ChargeCall.through(gate, action, plan.keys()),
                    log);
        }
    }

    /** Everybody has connections, and the classes that a call needs, before anybody starts. */
    private void warmUp(ToolGate gate) {
        PaidAction<String, String> nothing = PaidAction.<String, String>named(RaceKeys.WARM_UP)
                .run((input, attempt) -> input)
                .codec(ResultCodec.text())
                .fingerprint(Fingerprint.text())
                .retention(ChargeCall.RETENTION)
                .build();
        for (Origin expected : List.of(Origin.EXECUTED, Origin.REPLAYED)) {
            Outcome<String> outcome = gate.execute(nothing, plan.keys().warmUpKey(plan.number()), "");
            if (!outcome.equals(new Outcome.Completed<>("", expected))) {
                throw new IllegalStateException(
                        "before the race, a call that should be " + expected + " gave " + outcome);
            }
        }
    }

    private void race(ChargeCall charge, CallLog log) throws Exception {
        List<String> order = new ArrayList<>(plan.keys().all());
        Collections.shuffle(order, new Random(seedOf(plan)));
        ExecutorService threads = Executors.newFixedThreadPool(plan.duplicates());
        try {
            List<Future<?>> running = new ArrayList<>();
            for (int thread = 1; thread <= plan.duplicates(); thread++) {
                Caller caller = new Caller(plan.number(), thread, charge);
                running.add(threads.submit(() -> {
                    for (String key : order) {
                        log.append(caller.call(key));
                    }
                    return null;
                }));
            }
            for (Future<?> thread : running) {
                await(thread, log);
            }
            out.println(DONE);
        } finally {
            threads.shutdownNow();
        }
    }

    /** Neighbouring seeds give {@link Random}s that begin alike, so each worker's is scrambled first. */
    private static long seedOf(WorkerPlan plan) {
        SplittableRandom seeds = new SplittableRandom(plan.seed());
        return seeds.longs(plan.number()).reduce(0, (before, next) -> next);
    }

    /** Waits for a thread, and tells the parent meanwhile that there is progress, or that there is none. */
    private void await(Future<?> thread, CallLog log) throws Exception {
        while (true) {
            try {
                thread.get(REPORT_EVERY_MILLIS, TimeUnit.MILLISECONDS);
                return;
            } catch (TimeoutException e) {
                out.println(CALLS + log.written());
            }
        }
    }
}
