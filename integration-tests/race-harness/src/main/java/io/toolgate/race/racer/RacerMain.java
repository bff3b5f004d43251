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
 * Main program of a racer's process, with a store and a gate of its own. The first line of its input is a
 * {@link RacerPlan}; it prints {@value #READY} and then executes the commands in the following lines, until
 * {@value #END}.
 */
public final class RacerMain {
    /** The command-line argument that selects this program. */
    public static final String ROLE = "racer";

    /** Output: the racer is connected to the database and ready for work. */
    public static final String READY = "ready";

    /** Output: prefix of the number of calls that have ended. */
    public static final String CALLS = "calls ";

    /** Output: prefix of the number of a wave that this racer has finished. */
    public static final String THROUGH = "through ";

    /** Command: prefix of {@link Work}. */
    public static final String WORK = "work ";

    /** Command: prefix of the failpoint at which the next thread is to wait. */
    public static final String ARM = "arm ";

    /** Command: cancels {@link #ARM}. */
    public static final String DISARM = "disarm";

    /** Command: resumes the thread that waits at a failpoint. */
    public static final String RESUME = "resume";

    /** Command: there is no more work. */
    public static final String END = "end";

    /** Output: prefix of the failpoint at which a thread waits. */
    public static final String AT = Failpoints.AT;

    /** The exit status of a racer whose parent died. */
    private static final int ORPHANED = 3;

    /** The exit status of a racer that failed. */
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

    /** Executes commands until there is no more work. */
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
            throw new IllegalStateException("the action has the name " + action.name() + " and a lease of "
                    + action.lease() + ", the race requires " + terms.name() + " and " + terms.lease()
                    + ": build it from ActionTerms.apply");
        }
        return new Caller<>(plan, runtime, gate, raced, action, history, clock);
    }

    /** Opens connections and loads the classes of a call before the race starts. */
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
                        "the warm-up call before the race should be " + expected + " and was " + outcome);
            }
        }
    }

    /** Ends the process; the parent finds the reason in its log. */
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
                    throw new IllegalStateException("unknown command from the parent process: " + line);
                }
            }
            shift.awaitEnd();
        }
        long finished = System.nanoTime();
        history.write(new Event.Finished(finished, clock.at(finished)));
    }
}
