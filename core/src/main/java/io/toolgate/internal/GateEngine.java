package io.toolgate.internal;

import io.toolgate.DecisionOutcome;
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
import io.toolgate.internal.attempt.DeclaredRows;
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
import io.toolgate.internal.call.ExecuteCall.Step;
import io.toolgate.internal.call.SingleFlight;
import io.toolgate.internal.replay.CaffeineReplays;
import io.toolgate.internal.replay.ReplaySettings;
import io.toolgate.internal.replay.ReplayStore;
import io.toolgate.internal.resolve.OperatorDecisions;
import io.toolgate.internal.resolve.ReconcilePass;
import io.toolgate.internal.resolve.ReconcilerLoop;
import io.toolgate.internal.waiting.ProgressWatches;
import io.toolgate.internal.waiting.Waiter;
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
 * The executor of one {@link io.toolgate.ToolGate}: wires its parts, and starts each operation with the part that does
 * it.
 *
 * <p>A call either leads a flight (claims, and runs the action if it may) or follows the flight of an equal call in
 * this process. If another process owns the key, leader and followers wait for the record. Calls that may not wait skip
 * single flight, because only the store can answer at once. {@link BlockingExecutor} and {@link AsyncExecutor} take the
 * same steps, with and without a thread; {@link ExecuteCall} decides which.
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
    private final OrphanedClaims orphans;
    private final ReplayStore replays;
    private final AttemptContext context;
    private final SingleFlight flights;
    private final WaiterPoller waiters;
    private final ProgressWatches watches;
    private final BlockingExecutor blocking;
    private final AsyncExecutor async;
    private final OperatorDecisions decisions;
    private final StopSignal closing = new StopSignal();

    /** An engine on {@code store}, which it does not close. */
    public GateEngine(IdempotencyStore store, GateSettings settings) {
        this.store = store;
        this.settings = settings;
        threads = new GateThreads(settings.executor());
        events = ListenerEvents.inline(settings.listener());
        counters = new CallCounters(store, threads, settings.countsEvery());
        leases = new LeaseKeeper(store, events.on(threads.listener()), counters, threads);
        ReplaySettings cache = settings.replayCache();
        replays = cache == null ? ReplayStore.NONE : new CaffeineReplays(cache);
        orphans = new OrphanedClaims(store, threads);
        context = new AttemptContext(
                store, settings.owner(), new SecureRandom(), runs, leases, orphans, replays, counters, events);
        waiters = new WaiterPoller(store, replays);
        flights = new SingleFlight(context, threads, waiters::hasWaiters);
        watches = new ProgressWatches(store, threads.progress());
        Waiter.Limit limit = new Waiter.Limit(settings.maxWaiters(), settings.maxWaitersPerKey());
        blocking = new BlockingExecutor(flights, waiters, limit);
        async = new AsyncExecutor(flights, waiters, limit, threads, closing);
        decisions = new OperatorDecisions(context);
    }

    /** Starts a loop that reconciles records in the background until it, or this gate, is closed. */
    public ReconcilerLoop startReconciler(ReconcilePass.Settings settings, Duration every, ReconcilerLoop.Pause pause) {
        settings.actions().forEach(action -> DeclaredRows.ensureOffered(store, action));
        ReconcilerLoop loop = new ReconcilerLoop(context, closing, settings, every, pause);
        loop.start();
        return loop;
    }

    /** Runs {@code action}, or replays the result that a run with this id stored. */
    public <I extends @Nullable Object, R extends @Nullable Object> Outcome<R> execute(
            PaidAction<I, R> action, RecordId id, I input) {
        ExecuteCall<I, R> call = open(action, id, input, events);
        return blocking.execute(call, firstStep(call));
    }

    /** Like {@link #execute}, with the action on the executor, and without a thread while it waits. */
    public <I extends @Nullable Object, R extends @Nullable Object> CompletableFuture<Outcome<R>> executeAsync(
            PaidAction<I, R> action, RecordId id, I input) {
        ExecuteCall<I, R> call = open(action, id, input, events.on(threads.listener()));
        Step<R> first;
        try {
            first = firstStep(call);
        } catch (Throwable e) {
            // From a codec that failed to decode a cached result.
            return CompletableFuture.failedFuture(e);
        }
        return async.execute(call, first);
    }

    private <I extends @Nullable Object, R extends @Nullable Object> ExecuteCall<I, R> open(
            PaidAction<I, R> action, RecordId id, I input, ListenerEvents reporting) {
        runs.ensureOpen();
        if (runs.isRunningHere(id)) {
            throw new ToolGateException.SelfWait(id);
        }
        DeclaredRows.ensureOffered(store, action);
        InputFingerprint fingerprint;
        try {
            fingerprint = InputFingerprint.ofCanonical(
                    Preconditions.notNull(action.fingerprint().canonical(input), "the fingerprint's bytes"));
        } catch (Exception | LinkageError | AssertionError | StackOverflowError e) {
            throw new ToolGateException.NotExecuted(
                    "The fingerprint of the input of " + action + " could not be computed", e);
        }
        return new ExecuteCall<>(action, new CallKey(id, fingerprint), input, settings.maxWait(), reporting, counters);
    }

    /**
     * The first step: a replay from the cache, or to wait with others that wait for the record already, since the next
     * poll answers a claim, too. Later steps do neither: they claim because the store has changed, and a stream of new
     * calls would keep all of them from taking over.
     */
    private <R extends @Nullable Object> Step<R> firstStep(ExecuteCall<?, R> call) {
        KeyEvent cached = replays.find(call.key());
        if (cached != null) {
            return call.after(cached);
        }
        return call.waits() && waiters.hasWaiters(call.key()) ? new Step.AwaitRecord<>() : new Step.LeadOrFollow<>();
    }

    /** The outcome that the record is now, without waiting or running. */
    public <R extends @Nullable Object> Optional<Outcome<R>> find(PaidAction<?, R> action, RecordId id) {
        runs.ensureOpen();
        return store.peek(id).map(record -> OutcomeMapper.of(action, record));
    }

    /** Reconciles the records of {@code action} in one pass on this thread. */
    public ReconcileReport reconcile(PaidAction<?, ?> action) {
        DeclaredRows.ensureOffered(store, action);
        return new ReconcilePass(context, ReconcilePass.Settings.onRequest(action), Runnable::run).run(closing);
    }

    /** Reports the progress of the record to {@code listener} from now on. */
    public Watch watch(RecordId id, Consumer<Progress> listener) {
        runs.ensureOpen();
        return watches.open(id, listener);
    }

    /** Retires a finished record, so that the next call runs anew. */
    public <R extends @Nullable Object> DecisionOutcome<R> retire(PaidAction<?, R> action, RecordId id, String reason) {
        runs.ensureOpen();
        return decisions.retire(action, id, reason);
    }

    /** Resolves a doubt by the decision of {@code operator}. */
    public <R extends @Nullable Object> DecisionOutcome<R> resolve(
            PaidAction<?, R> action,
            RecordId id,
            long number,
            Resolution<R> resolution,
            String operator,
            String reason) {
        runs.ensureOpen();
        DeclaredRows.ensureOffered(store, action);
        return decisions.resolve(action, id, number, resolution, operator, reason);
    }

    /** The decisions about a key, oldest first. */
    public <R extends @Nullable Object> List<HistoryEntry<R>> history(PaidAction<?, R> action, RecordId id) {
        runs.ensureOpen();
        return decisions.history(action, id);
    }

    /**
     * Refuses new calls, keeps leases alive until the runs have ended or the drain time is over, then stops everything.
     */
    @Override
    public void close() {
        long from = System.nanoTime();
        closing.set();
        try {
            int left = runs.close(settings.drainTimeout());
            if (left > 0) {
                log.warn(
                        "The gate was closed while {} calls were still active after {}; the leases of their runs will"
                                + " end, and their records will be found in doubt",
                        left,
                        settings.drainTimeout());
            }
            leases.close();
        } catch (InterruptedException e) {
            // The runs keep their leases although this thread cannot wait for them.
            Thread.currentThread().interrupt();
            log.warn("close() was interrupted while it waited for runs; their leases are kept alive until they end");
            leases.closeWhenIdle();
        }
        flights.close();
        waiters.close();
        watches.close();
        orphans.close(settings.drainTimeout().minusNanos(System.nanoTime() - from));
        counters.close(settings.drainTimeout().minusNanos(System.nanoTime() - from));
        threads.close();
    }
}
