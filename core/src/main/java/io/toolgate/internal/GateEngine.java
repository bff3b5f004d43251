package io.toolgate.internal;

import io.toolgate.Decided;
import io.toolgate.HistoryEntry;
import io.toolgate.Outcome;
import io.toolgate.PaidAction;
import io.toolgate.Progress;
import io.toolgate.ReconcileReport;
import io.toolgate.Resolution;
import io.toolgate.ToolGateException;
import io.toolgate.Watch;
import io.toolgate.internal.attempt.ActiveRuns;
import io.toolgate.internal.attempt.AttemptContext;
import io.toolgate.internal.attempt.LeaseKeeper;
import io.toolgate.internal.attempt.OrphanedClaims;
import io.toolgate.internal.attempt.OutcomeMapper;
import io.toolgate.internal.base.CallCounters;
import io.toolgate.internal.base.CallKey;
import io.toolgate.internal.base.GateThreads;
import io.toolgate.internal.base.KeyEvent;
import io.toolgate.internal.base.ListenerEvents;
import io.toolgate.internal.base.Preconditions;
import io.toolgate.internal.base.StopSignal;
import io.toolgate.internal.call.AsyncExecutor;
import io.toolgate.internal.call.BlockingExecutor;
import io.toolgate.internal.call.ExecuteCall;
import io.toolgate.internal.call.ExecuteCall.Next;
import io.toolgate.internal.call.Flight;
import io.toolgate.internal.call.SingleFlight;
import io.toolgate.internal.replay.CaffeineReplays;
import io.toolgate.internal.replay.ReplaySettings;
import io.toolgate.internal.replay.ReplayStore;
import io.toolgate.internal.resolve.OperatorDecisions;
import io.toolgate.internal.resolve.Pacing;
import io.toolgate.internal.resolve.ReconcilePass;
import io.toolgate.internal.resolve.ReconcilerLoop;
import io.toolgate.internal.resolve.SweepSettings;
import io.toolgate.internal.waiting.ProgressWatches;
import io.toolgate.internal.waiting.WaiterLimit;
import io.toolgate.internal.waiting.WaiterPoller;
import io.toolgate.store.IdempotencyStore;
import io.toolgate.store.InputFingerprint;
import io.toolgate.store.RecordId;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What a {@link io.toolgate.ToolGate} is made of.
 *
 * <p>A call either leads (claims, and runs if it may) or joins the {@link Flight} of an equal call that leads in this
 * process. Who finds that another process owns the key, leader and joiners alike, waits at the {@link WaiterPoller}. Calls that
 * do not wait skip the flight and ask the store, since only the store can answer at once. {@link BlockingExecutor} and
 * {@link AsyncExecutor} take the same steps, with and without a thread; {@link ExecuteCall} decides which.
 */
public final class GateEngine implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(GateEngine.class);

    private final IdempotencyStore store;
    private final GateSettings settings;
    private final GateThreads threads;
    private final ListenerEvents events;
    private final CallCounters counters;
    private final ActiveRuns runs = new ActiveRuns();
    private final LeaseKeeper leases;
    private final ReplayStore replays;
    private final AttemptContext context;
    private final SingleFlight flights;
    private final WaiterPoller waiters;
    private final ProgressWatches watches;
    private final BlockingExecutor blocking;
    private final AsyncExecutor async;
    private final OperatorDecisions decisions;
    private final StopSignal closing = new StopSignal();

    /** An engine on {@code store}, which stays the caller's to close. */
    public GateEngine(IdempotencyStore store, GateSettings settings) {
        this.store = store;
        this.settings = settings;
        threads = new GateThreads(settings.executor());
        events = ListenerEvents.inline(settings.listener());
        counters = new CallCounters(store, threads, settings.countsEvery());
        leases = new LeaseKeeper(store, events.by(threads.listener()), threads);
        ReplaySettings cache = settings.replayCache();
        replays = cache == null ? ReplayStore.NONE : new CaffeineReplays(cache);
        context = new AttemptContext(
                store,
                settings.owner(),
                new SecureRandom(),
                runs,
                leases,
                new OrphanedClaims(store, threads),
                replays,
                counters,
                events);
        flights = new SingleFlight(context, threads);
        waiters = new WaiterPoller(store, replays);
        watches = new ProgressWatches(store, threads.spectators());
        WaiterLimit limit = new WaiterLimit(settings.maxWaiters(), settings.maxWaitersPerKey());
        blocking = new BlockingExecutor(flights, waiters, limit);
        async = new AsyncExecutor(flights, waiters, limit, threads);
        decisions = new OperatorDecisions(context);
    }

    /** Starts a loop that reconciles records in the background until it, or this gate, is closed. */
    public ReconcilerLoop startReconciler(SweepSettings settings, Duration every, Pacing pacing) {
        ReconcilerLoop loop = new ReconcilerLoop(context, closing, settings, every, pacing);
        loop.start();
        return loop;
    }

    /** Runs {@code action}, or gives what a run of it under this identity gave. */
    public <I extends @Nullable Object, R extends @Nullable Object> Outcome<R> execute(
            PaidAction<I, R> action, RecordId id, I input) {
        ExecuteCall<I, R> call = open(action, id, input, events);
        return blocking.execute(call, firstStep(call));
    }

    /** Like {@link #execute}, with the action on the executor, and no thread while it waits. */
    public <I extends @Nullable Object, R extends @Nullable Object> CompletableFuture<Outcome<R>> executeAsync(
            PaidAction<I, R> action, RecordId id, I input) {
        ExecuteCall<I, R> call = open(action, id, input, events.by(threads.listener()));
        Next<R> first;
        try {
            first = firstStep(call);
        } catch (Throwable e) {
            // A codec that breaks over what was known already.
            return CompletableFuture.failedFuture(e);
        }
        return async.execute(call, first);
    }

    private <I extends @Nullable Object, R extends @Nullable Object> ExecuteCall<I, R> open(
            PaidAction<I, R> action, RecordId id, I input, ListenerEvents told) {
        runs.ensureOpen();
        if (runs.isRunningHere(id)) {
            throw new ToolGateException.SelfWait(id);
        }
        InputFingerprint fingerprint;
        try {
            fingerprint = InputFingerprint.ofCanonical(
                    Preconditions.notNull(action.fingerprint().canonical(input), "the fingerprint's bytes"));
        } catch (Exception | LinkageError | AssertionError | StackOverflowError e) {
            throw new ToolGateException.NotExecuted(
                    "The fingerprint of the input of " + action + " could not be computed", e);
        }
        return new ExecuteCall<>(action, new CallKey(id, fingerprint), input, settings.maxWait(), told, counters);
    }

    /**
     * What is known to be finished is the answer. Where others wait for the record already, a newcomer waits with them: what
     * it would claim, the next poll tells. Later steps do neither: they ask because the store has something new to say, and a
     * stream of newcomers would keep everybody from taking over.
     */
    private <R extends @Nullable Object> Next<R> firstStep(ExecuteCall<?, R> call) {
        KeyEvent known = replays.find(call.key());
        if (known != null) {
            return call.on(known);
        }
        return call.waits() && waiters.watches(call.key()) ? new Next.Watch<>() : new Next.Enter<>();
    }

    /** What the record says now, without waiting or running. */
    public <R extends @Nullable Object> Optional<Outcome<R>> find(PaidAction<?, R> action, RecordId id) {
        runs.ensureOpen();
        return store.peek(id).map(record -> OutcomeMapper.of(action, record));
    }

    /** Settles what records of {@code action} can be settled without their inputs, in one pass on this thread. */
    public ReconcileReport reconcile(PaidAction<?, ?> action) {
        return ReconcilePass.of(context, SweepSettings.onePass(action)).run(closing);
    }

    /** Tells {@code listener} how the record moves, from now on. */
    public Watch watch(RecordId id, Consumer<Progress> listener) {
        runs.ensureOpen();
        return watches.open(id, listener);
    }

    /** Ends a finished record, so that the next call begins anew. */
    public <R extends @Nullable Object> Decided<R> retire(PaidAction<?, R> action, RecordId id, String reason) {
        runs.ensureOpen();
        return decisions.retire(action, id, reason);
    }

    /** Ends a doubt by somebody's decision. */
    public <R extends @Nullable Object> Decided<R> resolve(
            PaidAction<?, R> action,
            RecordId id,
            long number,
            Resolution<R> resolution,
            String operator,
            String reason) {
        runs.ensureOpen();
        return decisions.resolve(action, id, number, resolution, operator, reason);
    }

    /** What was decided about a key. */
    public <R extends @Nullable Object> List<HistoryEntry<R>> history(PaidAction<?, R> action, RecordId id) {
        runs.ensureOpen();
        return decisions.history(action, id);
    }

    /** Stops new work, keeps leases alive until the runs have ended or the drain time is over, then stops everything. */
    @Override
    public void close() {
        long from = System.nanoTime();
        closing.give();
        try {
            int left = runs.close(settings.drainTimeout());
            if (left > 0) {
                log.warn(
                        "The gate was closed with {} calls going on after {}; leases of their runs will end, and their"
                                + " records be found in doubt",
                        left,
                        settings.drainTimeout());
            }
            leases.close();
        } catch (InterruptedException e) {
            // Who cannot wait for the runs must not take their leases from them either.
            Thread.currentThread().interrupt();
            log.warn("The drain was interrupted; leases are kept alive until their runs have ended");
            leases.closeWhenIdle();
        }
        flights.close();
        waiters.close();
        watches.close();
        counters.close(settings.drainTimeout().minusNanos(System.nanoTime() - from));
        threads.close();
    }
}
