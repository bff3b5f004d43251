package io.toolgate.race.racer;

import io.toolgate.PaidAction;
import io.toolgate.ProbeResult;
import io.toolgate.ReconcileReport;
import io.toolgate.Reconciler;
import io.toolgate.Recovery;
import io.toolgate.ResultCodec;
import io.toolgate.ToolGate;
import io.toolgate.race.database.Stores;
import io.toolgate.race.provider.ProviderClient;
import io.toolgate.store.ForwardingStore;
import io.toolgate.store.IdempotencyStore;
import io.toolgate.store.Lease;
import io.toolgate.store.Payload;
import io.toolgate.store.TransitionOutcome;
import io.toolgate.support.Json;
import io.toolgate.support.process.ParentLink;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;

/** A process with a reconciler, which makes one pass for each line of input and prints its result. */
public final class ReconcilingMain {
    /** The line that it prints when it waits for input. */
    static final String READY = "ready";

    private static final int ORPHANED = 3;

    /**
     * The result of a pass.
     *
     * @param happened the keys whose effect had happened according to a probe, once for each such probe
     * @param probes how many probes ran
     * @param applied how many completions moved their record
     * @param report of the reconciler
     */
    record Done(List<String> happened, int probes, int applied, ReconcileReport report) {}

    private final RacerPlan plan;
    private final Queue<String> happened = new ConcurrentLinkedQueue<>();
    private final AtomicInteger probes = new AtomicInteger();
    private final AtomicInteger applied = new AtomicInteger();

    private ReconcilingMain(RacerPlan plan) {
        this.plan = plan;
    }

    /** Makes one pass. */
    public static void main(String[] arguments) throws Exception {
        ParentLink parent =
                ParentLink.listen(System.in, () -> Runtime.getRuntime().halt(ORPHANED));
        RacerPlan plan = Json.read(parent.next(), RacerPlan.class);
        new ReconcilingMain(plan).reconcile(parent);
    }

    private void reconcile(ParentLink parent) throws Exception {
        ProviderClient provider = new ProviderClient(plan.providerPort(), Duration.ofSeconds(20));
        provider.greet();
        try (IdempotencyStore store = counting(Stores.open(plan.database(), plan.connections()));
                ToolGate gate = ToolGate.on(store).build();
                Reconciler reconciler = Reconciler.on(gate)
                        .action(action(provider))
                        .parallelProbes(2)
                        .every(Duration.ofDays(1))
                        .start()) {
            System.out.println(READY);
            var unused = parent.next();
            ReconcileReport report = reconciler.runOnce();
            System.out.println(Json.line(new Done(List.copyOf(happened), probes.get(), applied.get(), report)));
        }
    }

    private PaidAction<String, String> action(ProviderClient provider) {
        return PaidAction.<String, String>named(plan.keys().action())
                .run((input, attempt) -> {
                    throw new IllegalStateException("a reconciler runs nothing");
                })
                .codec(ResultCodec.text())
                .recovery(Recovery.probe(attempt -> {
                    probes.incrementAndGet();
                    byte[] receipt = provider.lookup(attempt.providerKey()).orElseThrow();
                    happened.add(attempt.key());
                    return ProbeResult.happened(new String(receipt, StandardCharsets.UTF_8));
                }))
                .build();
    }

    private IdempotencyStore counting(IdempotencyStore store) {
        return new ForwardingStore(store) {
            @Override
            public TransitionOutcome complete(Lease lease, Payload result) {
                TransitionOutcome outcome = super.complete(lease, result);
                if (outcome instanceof TransitionOutcome.Applied) {
                    applied.incrementAndGet();
                }
                return outcome;
            }
        };
    }
}
