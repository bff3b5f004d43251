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
import io.toolgate.internal.Call.Next;
import io.toolgate.store.IdempotencyStore;
import io.toolgate.store.InputFingerprint;
import io.toolgate.store.RecordId;
import java.security.SecureRandom;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What a {@link io.toolgate.ToolGate} is made of.
 *
 * <p>A call either leads (claims, and runs if it may) or joins the {@link Flight} of an equal call that leads in this
 * process. Who finds that another process owns the key, leader and joiners alike, waits at the {@link Watcher}. Calls that
 * do not wait skip the flight and ask the store, since only the store can answer at once. {@link BlockingCalls} and
 * {@link DeferredCalls} take the same steps, with and without a thread; {@link Call} decides which.
 */
public final class GateEngine implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(GateEngine.class);

    private final IdempotencyStore store;
    private final GateSettings settings;
    private final SecureRandom random = new SecureRandom();
    private final RunRegistry runs = new RunRegistry();
    private final GateThreads threads;
    private final Events events;
    private final Meter meter;
    private final HeartbeatKeeper heartbeats;
    private final Watcher watcher;
    private final Watches watches;
    private final Replays replays;
    private final Leader leader;
    private final AtomicInteger pendingGiveBacks = new AtomicInteger();
    private final AtomicInteger probesRunning = new AtomicInteger();
    private final StopSignal closing = new StopSignal();
    private final Decisions decisions = new Decisions(this);
    private final BlockingCalls blocking;
    private final DeferredCalls deferred;

    /** An engine on {@code store}, which stays the caller's to close. */
    public GateEngine(IdempotencyStore store, GateSettings settings) {
        this.store = store;
        this.settings = settings;
        this.threads = new GateThreads(settings.executor());
        this.events = Events.inline(settings.listener());
        this.meter = new Meter(store, threads, settings.countsEvery());
        this.heartbeats = new HeartbeatKeeper(store, events.by(threads.listener()), threads);
        ReplaySettings cache = settings.replayCache();
        this.replays = cache == null ? Replays.NONE : new CaffeineReplays(cache);
        this.watcher = new Watcher(store, replays);
        this.watches = new Watches(store, threads.spectators());
        this.leader = new Leader(this);
        WaiterLimit limit = new WaiterLimit(settings.maxWaiters(), settings.maxWaitersPerKey());
        this.blocking = new BlockingCalls(leader, watcher, limit);
        this.deferred = new DeferredCalls(leader, watcher, limit, threads);
    }

    IdempotencyStore store() {
        return store;
    }

    RunRegistry runs() {
        return runs;
    }

    HeartbeatKeeper heartbeats() {
        return heartbeats;
    }

    GateThreads threads() {
        return threads;
    }

    Replays replays() {
        return replays;
    }

    AtomicInteger pendingGiveBacks() {
        return pendingGiveBacks;
    }

    /** How many probes have been asked and have not come back, those included that nobody waits for any more. */
    AtomicInteger probesRunning() {
        return probesRunning;
    }

    /** Given when the gate is being closed, to what goes on by itself. */
    StopSignal closing() {
        return closing;
    }

    Events events() {
        return events;
    }

    Meter meter() {
        return meter;
    }

    SecureRandom random() {
        return random;
    }

    String owner() {
        return settings.owner();
    }

    /** Runs {@code action}, or gives what a run of it under this identity gave. */
    public <I extends @Nullable Object, R extends @Nullable Object> Outcome<R> execute(
            PaidAction<I, R> action, RecordId id, I input) {
        Call<I, R> call = open(action, id, input, events);
        return blocking.execute(call, firstStep(call));
    }

    /** Like {@link #execute}, with the action on the executor, and no thread while it waits. */
    public <I extends @Nullable Object, R extends @Nullable Object> CompletableFuture<Outcome<R>> executeAsync(
            PaidAction<I, R> action, RecordId id, I input) {
        Call<I, R> call = open(action, id, input, events.by(threads.listener()));
        Next<R> first;
        try {
            first = firstStep(call);
        } catch (Throwable e) {
            // A codec that breaks over what was known already.
            return CompletableFuture.failedFuture(e);
        }
        return deferred.execute(call, first);
    }

    private <I extends @Nullable Object, R extends @Nullable Object> Call<I, R> open(
            PaidAction<I, R> action, RecordId id, I input, Events told) {
        runs.ensureOpen();
        if (runs.isRunningHere(id)) {
            throw new ToolGateException.SelfWait(id);
        }
        InputFingerprint fingerprint;
        try {
            fingerprint = InputFingerprint.ofCanonical(
                    Checks.notNull(action.fingerprint().canonical(input), "the fingerprint's bytes"));
        } catch (Exception | LinkageError | AssertionError | StackOverflowError e) {
            throw new ToolGateException.NotExecuted(
                    "The fingerprint of the input of " + action + " could not be computed", e);
        }
        return new Call<>(action, new CallKey(id, fingerprint), input, settings.maxWait(), told, meter);
    }

    /**
     * What is known to be finished is the answer. Where others wait for the record already, a newcomer waits with them: what
     * it would claim, the next poll tells. Later steps do neither: they ask because the store has something new to say, and a
     * stream of newcomers would keep everybody from taking over.
     */
    private <R extends @Nullable Object> Next<R> firstStep(Call<?, R> call) {
        Settlement known = replays.find(call.key());
        if (known != null) {
            return call.on(known);
        }
        return call.waits() && watcher.watches(call.key()) ? new Next.Watch<>() : new Next.Enter<>();
    }

    /** What the record says now, without waiting or running. */
    public <R extends @Nullable Object> Optional<Outcome<R>> find(PaidAction<?, R> action, RecordId id) {
        runs.ensureOpen();
        return store.peek(id).map(record -> Outcomes.of(action, record));
    }

    /** Settles what records of {@code action} can be settled without their inputs, in one pass on this thread. */
    public ReconcileReport reconcile(PaidAction<?, ?> action) {
        return Sweep.of(this, SweepSettings.onePass(action)).run(closing);
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
            heartbeats.close();
        } catch (InterruptedException e) {
            // Who cannot wait for the runs must not take their leases from them either.
            Thread.currentThread().interrupt();
            log.warn("The drain was interrupted; leases are kept alive until their runs have ended");
            heartbeats.closeWhenIdle();
        }
        leader.close();
        watcher.close();
        watches.close();
        meter.close(settings.drainTimeout().minusNanos(System.nanoTime() - from));
        threads.close();
    }
}
