package io.toolgate.race.racer;

import io.toolgate.PaidAction;
import io.toolgate.ToolGate;
import io.toolgate.race.action.ActionTerms;
import io.toolgate.race.action.ChargeAction;
import io.toolgate.race.action.Order;
import io.toolgate.race.database.Stores;
import io.toolgate.race.fault.Failpoint;
import io.toolgate.race.provider.ProviderClient;
import io.toolgate.store.IdempotencyStore;
import io.toolgate.support.Json;
import io.toolgate.support.process.ParentLink;
import java.io.PrintStream;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/**
 * A process that calls one key of each recovery and stands still at one failpoint with all of them, to be killed
 * there. The key's text is the failpoint's.
 */
public final class VictimMain {
    private static final int ORPHANED = 3;
    private static final int FAILED = 4;

    /**
     * A victim's settings.
     *
     * @param recoveries for each recovery, the plan of a racer of its own
     * @param point where to stand still
     */
    record Plan(List<RacerPlan> recoveries, Failpoint point) {}

    private VictimMain() {}

    /** Calls, and never ends by itself. */
    public static void main(String[] arguments) throws Exception {
        PrintStream out = System.out;
        ParentLink parent =
                ParentLink.listen(System.in, () -> Runtime.getRuntime().halt(ORPHANED));
        Plan plan = Json.read(parent.next(), Plan.class);
        // Of every second kind of death the callers share commits.
        boolean sharesCommits = plan.point().ordinal() % 2 == 0;
        IdempotencyStore store = Stores.open(plan.recoveries().get(0).database(), 4, sharesCommits);
        for (RacerPlan recovery : plan.recoveries()) {
            Thread thread = new Thread(() -> {
                try {
                    call(store, recovery, plan.point(), out);
                } catch (Throwable e) {
                    e.printStackTrace();
                    Runtime.getRuntime().halt(FAILED);
                }
            });
            thread.start();
        }
    }

    private static void call(IdempotencyStore store, RacerPlan plan, Failpoint point, PrintStream out)
            throws Exception {
        DatabaseClock clock = new DatabaseClock();
        HistoryWriter history = HistoryWriter.create(Path.of(plan.history()));
        Failpoints failpoints = new Failpoints(history, clock, out);
        failpoints.arm(point);
        ToolGate gate = ToolGate.on(new RecordedStore(store, plan.keys().action(), history, clock, failpoints))
                .build();
        PaidAction<Order, String> action = action(plan, history, clock, failpoints);
        var outcome = gate.execute(action, plan.keys().key(point.text()), order(plan, point.text()));
        throw new IllegalStateException("it was not stopped, and came to " + outcome);
    }

    /** The input of every call of the key with this text. */
    static Order order(RacerPlan plan, String key) {
        return new Order(plan.keys().account(key), Mischief.AMOUNT);
    }

    /** The action of {@code plan}, which charges at its provider. */
    static PaidAction<Order, String> action(
            RacerPlan plan, HistoryWriter history, DatabaseClock clock, Failpoints failpoints) {
        ProviderClient provider = new ProviderClient(plan.providerPort(), Duration.ofSeconds(20));
        ActionTerms terms =
                new ActionTerms(plan.keys().action(), plan.recovery(), Duration.ofMillis(plan.leaseMillis()));
        return new ChargeAction().action(terms, new ProviderPayments(provider, plan, history, clock, failpoints));
    }
}
