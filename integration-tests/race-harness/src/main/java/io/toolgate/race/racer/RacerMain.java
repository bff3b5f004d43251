package io.toolgate.race.racer;

import io.toolgate.Fingerprint;
import io.toolgate.Outcome;
import io.toolgate.Outcome.Origin;
import io.toolgate.PaidAction;
import io.toolgate.ResultCodec;
import io.toolgate.ToolGate;
import io.toolgate.race.action.ActionTerms;
import io.toolgate.race.action.Payments;
import io.toolgate.race.action.RaceAction;
import io.toolgate.race.database.Stores;
import io.toolgate.race.fault.Failpoint;
import io.toolgate.race.history.Event;
import io.toolgate.race.provider.ProviderClient;
import io.toolgate.store.IdempotencyStore;
import io.toolgate.support.Json;
import io.toolgate.support.process.ParentLink;
import java.io.InputStream;
import java.io.PrintStream;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A racer's process, with a store and a gate of its own. Its first line of input is a {@link RacerPlan}; it says
 * {@value #READY} and does then what the lines that follow tell it, until one is {@value #END}.
 */
public final class RacerMain {
    /** The argument that makes the program a racer. */
    public static final String ROLE = "racer";

    /** What a racer says when it is connected to the database and waits for work. */
    public static final String READY = "ready";

    /** What comes before the number of calls that are over. */
    public static final String CALLS = "calls ";

    /** What comes before the number of a wave that this racer is through with. */
    public static final String THROUGH = "through ";

    /** What comes before {@link Work}. */
    public static final String WORK = "work ";

    /** What comes before the failpoint at which the next thread is to stop. */
    public static final String ARM = "arm ";

    /** Takes {@link #ARM} back. */
    public static final String DISARM = "disarm";

    /** Lets a thread go that stands at a failpoint. */
    public static final String RESUME = "resume";

    /** Tells a racer that there is no more work. */
    public static final String END = "end";

    /** What comes before the name of the failpoint at which a thread stands. */
    public static final String AT = Failpoints.AT;

    /** The status of a racer whose parent died. */
    private static final int ORPHANED = 3;

    /** The status of a racer that cannot go on. */
    private static final int FAILED = 4;

    private final RacerPlan plan;
    private final RuntimeUnderTest runtime;
    private final PrintStream out;
    private final DatabaseClock clock = new DatabaseClock();

    private RacerMain(RacerPlan plan, PrintStream out) {
        this.plan = plan;
        this.runtime = RuntimeUnderTest.of(plan.runtime());
        this.out = out;
    }

    /** Works until it is told that there is no more work. */
    public static void run(InputStream in, PrintStream out) throws Exception {
        ParentLink parent = ParentLink.listen(in, () -> Runtime.getRuntime().halt(ORPHANED));
        RacerPlan plan = Json.read(parent.next(), RacerPlan.class);
        new RacerMain(plan, out).race(parent, ByName.make(plan.action(), RaceAction.class));
    }

    private void race(ParentLink parent, RaceAction<?, ?> raced) throws Exception {
        Duration patience = Duration.ofMillis(30_000L + 2L * plan.actionMillis() + 4L * plan.leaseMillis());
        ProviderClient provider = new ProviderClient(plan.providerPort(), patience);
        try (HistoryWriter history = HistoryWriter.create(Path.of(plan.history()))) {
            Failpoints failpoints = new Failpoints(history, clock, out);
            IdempotencyStore recorded = new RecordedStore(
                    Stores.open(plan.database(), plan.connections(), plan.sharesCommits()),
                    plan.keys().action(),
                    history,
                    clock,
                    failpoints);
            Payments payments = new ProviderPayments(provider, plan, history, clock, failpoints);
            try (IdempotencyStore store = runtime.store(recorded);
                    ToolGate gate = ToolGate.on(store)
                            .waitForInProgress(Duration.ofMillis(plan.waitMillis()))
                            .build()) {
                Caller<?, ?> caller = caller(gate, runtime.action(raced), payments, history);
                provider.greet();
                warmUp(gate);
                try (Ticker ticker = Ticker.start(recorded, plan, history, clock)) {
                    out.println(READY);
                    obey(parent, new Shift(plan, caller, out, RacerMain::giveUp), failpoints, history);
                }
            }
        }
    }

    private <I extends @Nullable Object, R extends @Nullable Object> Caller<I, R> caller(
            ToolGate gate, RaceAction<I, R> raced, Payments payments, HistoryWriter history) {
        ActionTerms terms =
                new ActionTerms(plan.keys().action(), plan.recovery(), Duration.ofMillis(plan.leaseMillis()));
        PaidAction<I, R> action = raced.action(terms, payments);
        if (!action.name().equals(terms.name()) || !action.lease().equals(terms.lease())) {
            throw new IllegalStateException("the action is named " + action.name() + " with a lease of "
                    + action.lease() + ", and not as the race asked: build it from ActionTerms.apply");
        }
        return new Caller<>(plan, runtime, gate, raced, action, history, clock);
    }

    /** Everybody has connections, and the classes that a call needs, before anybody starts. */
    private void warmUp(ToolGate gate) {
        PaidAction<String, String> nothing = PaidAction.<String, String>named(
                        plan.keys().warmUp())
                .run((input, attempt) -> input)
                .codec(ResultCodec.text())
                .fingerprint(Fingerprint.text())
                .retention(ActionTerms.RETENTION)
                .build();
        for (Origin expected : List.of(Origin.EXECUTED, Origin.REPLAYED)) {
            Outcome<String> outcome = gate.execute(nothing, plan.keys().warmUpKey(plan.process(), plan.life()), "");
            if (!outcome.equals(new Outcome.Completed<>("", expected))) {
                throw new IllegalStateException(
                        "before the race, a call that should be " + expected + " gave " + outcome);
            }
        }
    }

    /** The parent learns the reason from the log, and the end from the process's own. */
    private static void giveUp(Throwable reason) {
        reason.printStackTrace();
        Runtime.getRuntime().halt(FAILED);
    }

    private void obey(ParentLink parent, Shift shift, Failpoints failpoints, HistoryWriter history) throws Exception {
        long began = System.nanoTime();
        history.write(new Event.Began(began, clock.at(began)));
        try (shift) {
            for (String line = parent.next(); !line.equals(END); line = parent.next()) {
                if (line.startsWith(WORK)) {
                    shift.add(Json.read(line.substring(WORK.length()), Work.class));
                } else if (line.startsWith(ARM)) {
                    failpoints.arm(Failpoint.of(line.substring(ARM.length())));
                } else if (line.equals(DISARM)) {
                    failpoints.disarm();
                } else if (line.equals(RESUME)) {
                    failpoints.resume();
                } else {
                    throw new IllegalStateException("the parent said " + line);
                }
            }
            shift.awaitEnd();
        }
        long finished = System.nanoTime();
        history.write(new Event.Finished(finished, clock.at(finished)));
    }
}
