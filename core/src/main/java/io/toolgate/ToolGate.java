package io.toolgate;

import com.google.errorprone.annotations.CanIgnoreReturnValue;
import io.toolgate.internal.GateEngine;
import io.toolgate.internal.GateSettings;
import io.toolgate.internal.base.Preconditions;
import io.toolgate.internal.resolve.ReconcilePass;
import io.toolgate.internal.resolve.ReconcilerLoop;
import io.toolgate.store.IdempotencyStore;
import io.toolgate.store.StoreException;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The entry point: runs paid actions so that one key runs once over all threads, processes and restarts that share a
 * store. Concurrent duplicates wait and receive the stored result. Where the effect cannot be determined, the outcome
 * is an explicit {@link Outcome.InDoubt}.
 *
 * <p>A gate renews the leases of its runs on a thread of its own. Create one gate per store and keep it for the life of
 * the process. Thread-safe.
 *
 * <p>A lease alone never guarantees that an effect outside the database happens once. See {@link Recovery} for what
 * does.
 */
public final class ToolGate implements AutoCloseable {
    /** How long a call waits for another run of its key, unless {@link Builder#waitForInProgress} sets another time. */
    public static final Duration DEFAULT_WAIT = Duration.ofSeconds(5);

    private final GateEngine engine;

    private ToolGate(GateEngine engine) {
        this.engine = engine;
    }

    ReconcilerLoop startReconciler(ReconcilePass.Settings settings, Duration every, ReconcilerLoop.Pause pause) {
        return engine.startReconciler(settings, every, pause);
    }

    /** Returns a builder of a gate on {@code store}. The caller closes the store itself, after the gate. */
    public static Builder on(IdempotencyStore store) {
        return new Builder(Preconditions.notNull(store, "store"));
    }

    /**
     * Runs {@code action} on the calling thread, unless {@code key} has run before or is running elsewhere. In that
     * case the call waits for the other run, for as long as the gate allows, and returns the stored result. If the
     * other run had no effect, or its owner died, this call takes over within its own wait.
     *
     * <p>Do not call this within a database transaction of your own: claim and result are committed by themselves,
     * before the call returns, and stay where that transaction is rolled back. Rows that belong to the result are
     * declared with {@link PaidAction.Builder#storing storing}. A store whose data source hands out the connection of
     * an open transaction refuses the call before anything is run.
     *
     * @param input the input of the action; a different input under the same key is a {@link Outcome.KeyConflict}
     * @return the outcome; every expected result is a case of {@link Outcome}
     * @throws ToolGateException.NotExecuted if a failure before the action kept it from running
     * @throws ToolGateException.ResultNotStored if the action ran and its result could not be stored
     * @throws ToolGateException.WaitInterrupted if the thread was interrupted while it waited
     * @throws ToolGateException.TooManyWaiters if the gate's limit of waiting calls is reached
     * @throws ToolGateException.SelfWait if a run calls the gate with its own key
     * @throws ToolGateException.Closed if the gate is closed
     * @throws StoreException.Misconfigured if the action {@linkplain PaidAction.Builder#storing stores rows} through a
     *     connection that the gate's store does not offer; nothing was run
     */
    public <I extends @Nullable Object, R extends @Nullable Object> Outcome<R> execute(
            PaidAction<I, R> action, IdempotencyKey key, I input) {
        Preconditions.notNull(action, "action");
        Preconditions.notNull(key, "key");
        return engine.execute(action, key.in(action.name()), input);
    }

    /**
     * Runs an effect whose result is text: the short form of {@link #execute(PaidAction, IdempotencyKey, Object)}, for
     * an action with the defaults of {@link PaidAction}, no input, and a result stored as UTF-8.
     *
     * @param action the name of the action
     */
    public Outcome<String> execute(String action, IdempotencyKey key, TextEffect effect) {
        Preconditions.notNull(effect, "effect");
        PaidAction<String, String> described = PaidAction.<String, String>named(action)
                .run((none, attempt) -> effect.run())
                .codec(ResultCodec.text())
                .fingerprint(Fingerprint.none())
                .build();
        return execute(described, key, "");
    }

    /** An effect that returns text. */
    @FunctionalInterface
    public interface TextEffect {
        /** Performs the effect and returns its result. */
        String run() throws Exception;
    }

    /**
     * Runs {@code action} as {@link #execute(PaidAction, IdempotencyKey, Object)} does, on the gate's executor. A
     * waiting call holds neither a thread nor a connection. The future completes with the outcome, or exceptionally
     * with the exception that {@code execute} would throw. Cancelling the future ends the wait; it does not stop a run.
     *
     * <p>Dependent stages may run on a thread of the executor, or on one of the few that complete the gate's futures:
     * use the {@code …Async} methods for stages that block. Where all of those few are blocked for half a second, this
     * is logged and more are started, so that other calls still end, later than they should.
     */
    public <I extends @Nullable Object, R extends @Nullable Object> CompletableFuture<Outcome<R>> executeAsync(
            PaidAction<I, R> action, IdempotencyKey key, I input) {
        Preconditions.notNull(action, "action");
        Preconditions.notNull(key, "key");
        try {
            return engine.executeAsync(action, key.in(action.name()), input);
        } catch (ToolGateException | StoreException.Misconfigured e) {
            return CompletableFuture.failedFuture(e);
        }
    }

    /**
     * Reads the present outcome of {@code key} in one read, without waiting or running; empty if there is no record.
     * Neither the input nor retention matters here: a record past its retention is returned until it is purged or
     * claimed again.
     *
     * @throws io.toolgate.store.StoreException if the store fails
     */
    public <R extends @Nullable Object> Optional<Outcome<R>> find(PaidAction<?, R> action, IdempotencyKey key) {
        Preconditions.notNull(action, "action");
        Preconditions.notNull(key, "key");
        return engine.find(action, key.in(action.name()));
    }

    /**
     * Makes one reconciling pass, on the calling thread, over the records of {@code action} of all tenants whose effect
     * is unknown: the owner vanished, or the record was in doubt when the pass began. If the action recovers by probe,
     * each is probed: an effect that happened completes the record, one that did not releases it for the next call.
     * If the action recovers by {@linkplain Recovery#rerun() rerun} and {@linkplain PaidAction.Builder#remembering
     * remembers} its inputs, it is run again; a run that hangs is waited for until {@link PaidAction#maxRunTime()}, and
     * goes on after that. Otherwise the record is put, or stays, in doubt. Live runs, in any process, and quarantined
     * records are left alone. A probe's "not happened" has the window that {@link Recovery#probe} describes.
     *
     * <p>A pass ignores the backoff of a {@link Reconciler} and quarantines nothing itself. It ends early, and its
     * report is not complete, if the thread is interrupted, the gate is closed, or the store is down.
     *
     * @throws io.toolgate.store.StoreException if the store cannot list the records
     */
    @CanIgnoreReturnValue
    public ReconcileReport reconcile(PaidAction<?, ?> action) {
        return engine.reconcile(Preconditions.notNull(action, "action"));
    }

    /**
     * Retires the finished record of {@code key}, so that the next call, with any input, runs the action again. The
     * retired record is kept as {@linkplain #history history} for its retention, or for good where the store's journal
     * is on. Attempt numbers and versions continue from where they were; the provider key changes.
     *
     * <p>The history names the gate's {@linkplain Builder#owner owner} as operator: put a person's name into the
     * reason.
     *
     * @param reason the reason, for the history: 1 to 1,000 characters
     * @return refused if there is no record, or if it is not finished
     * @throws IllegalArgumentException if the reason is blank or too long; nothing was changed
     * @throws io.toolgate.store.StoreException if the store fails; read the record to learn whether it was retired
     */
    public <R extends @Nullable Object> DecisionOutcome<R> retire(
            PaidAction<?, R> action, IdempotencyKey key, String reason) {
        Preconditions.notNull(action, "action");
        Preconditions.notNull(key, "key");
        return engine.retire(action, key.in(action.name()), reason);
    }

    /**
     * Resolves a record in doubt, or one whose owner vanished, by a person's decision. Late results of its former owner
     * are refused from then on. The doubtful record, the operator and the reason are kept as
     * {@linkplain #history history}.
     *
     * <p>With {@link Resolution#completed} it also supplies the result of a record that was completed without one
     * ("done, result unavailable"), once: every later call is given it, for a retention that counts from the decision.
     * Rows that the action stores with its results were written when the record was completed, and are not written
     * again. A stored result is never replaced, not even one that the action's codec cannot read.
     *
     * @param number the attempt that the decision is about; refused if another attempt has begun since
     * @param operator the person or program that decides, for the history: 1 to 255 bytes of UTF-8
     * @param reason the reason, for the history: 1 to 1,000 characters
     * @return refused if there is nothing to resolve (no record, a live run, a finished or released record), or if the
     *     record moved meanwhile; {@link DecisionOutcome.Refused#message} says what to do
     * @throws IllegalArgumentException if the result cannot be encoded or is too large, or operator or reason is blank
     *     or too long; nothing was changed
     * @throws StoreException.RowsFailed if the rows that the action stores with its result could not be written;
     *     nothing was changed
     * @throws StoreException if the store fails; read the record to learn whether it was resolved
     */
    public <R extends @Nullable Object> DecisionOutcome<R> resolve(
            PaidAction<?, R> action,
            IdempotencyKey key,
            long number,
            Resolution<R> resolution,
            String operator,
            String reason) {
        Preconditions.notNull(action, "action");
        Preconditions.notNull(key, "key");
        Preconditions.notNull(resolution, "resolution");
        return engine.resolve(action, key.in(action.name()), number, resolution, operator, reason);
    }

    /**
     * Returns the decisions about {@code key}, retirements, resolved doubts and supplied results, oldest first, each
     * with the record as it was before. At most the newest thousand. For the present record see {@link #find}.
     *
     * @throws io.toolgate.store.StoreException if the store fails
     */
    public <R extends @Nullable Object> List<HistoryEntry<R>> history(PaidAction<?, R> action, IdempotencyKey key) {
        Preconditions.notNull(action, "action");
        Preconditions.notNull(key, "key");
        return engine.history(action, key.in(action.name()));
    }

    /**
     * Watches the record of {@code key}: calls {@code listener} with its present state, if it has one, and with later
     * states as it moves, in this process or any other. Versions strictly increase from one call to the next.
     * Intermediate versions may be skipped, between two polls or while the listener is busy; the latest one is always
     * delivered in the end. The record is polled every 10 ms after a change, less and less often down to every 250 ms
     * while nothing changes, more rarely while the store fails, and at once when the store gives a hint.
     *
     * <p>One thread of the gate calls the listeners of all watches: a slow listener delays the others, and nothing
     * else. What a listener throws is logged. The watch continues over attempts and retirements until it or its gate is
     * closed, or the record is deleted. A key that is claimed after that starts at version 1 and needs a new watch.
     *
     * @param action the action of the record
     * @param listener receives the states; never called by two threads at the same time
     * @throws ToolGateException.Closed if the gate is closed
     */
    public Watch watch(PaidAction<?, ?> action, IdempotencyKey key, Consumer<Progress> listener) {
        Preconditions.notNull(action, "action");
        Preconditions.notNull(key, "key");
        return engine.watch(key.in(action.name()), Preconditions.notNull(listener, "listener"));
    }

    /**
     * Closes the gate: refuses new calls at once, and keeps the leases of live runs until they have ended or the drain
     * timeout is over. Calls that still wait then fail with {@link ToolGateException.Closed}. If the closing thread is
     * interrupted, it returns early and the leases are kept until their runs have ended. Closes all watches.
     * Idempotent; does not close the store.
     */
    @Override
    public void close() {
        engine.close();
    }

    /** Builder of a gate. Not thread-safe. */
    public static final class Builder {
        private final IdempotencyStore store;
        private Duration wait = DEFAULT_WAIT;
        private int maxWaiters = 65_536;
        private int maxWaitersPerKey = 16_384;
        private Duration drainTimeout = Duration.ofSeconds(30);
        private Duration countsEvery = Duration.ofSeconds(10);
        private @Nullable ToolGateListener listener;
        private @Nullable Executor executor;
        private String owner = defaultOwner();
        private @Nullable ReplayCache replayCache;

        private Builder(IdempotencyStore store) {
            this.store = store;
        }

        /** Sets how long a call waits for another run of its key. Default 5 s; zero answers at once. */
        @CanIgnoreReturnValue
        public Builder waitForInProgress(Duration wait) {
            this.wait = Preconditions.notNegative(wait, "waitForInProgress");
            return this;
        }

        /** Sets how many calls may wait at this gate at one time; one more is refused. Default 65,536. */
        @CanIgnoreReturnValue
        public Builder maxWaiters(int maxWaiters) {
            this.maxWaiters = Preconditions.atLeastOne(maxWaiters, "maxWaiters");
            return this;
        }

        /** Sets how many calls may wait for one key at this gate at one time; one more is refused. Default 16,384. */
        @CanIgnoreReturnValue
        public Builder maxWaitersPerKey(int maxWaitersPerKey) {
            this.maxWaitersPerKey = Preconditions.atLeastOne(maxWaitersPerKey, "maxWaitersPerKey");
            return this;
        }

        /** Sets how long {@link ToolGate#close()} waits for runs to end. Default 30 s; zero does not wait. */
        @CanIgnoreReturnValue
        public Builder drainTimeout(Duration drainTimeout) {
            this.drainTimeout = Preconditions.notNegative(drainTimeout, "drainTimeout");
            return this;
        }

        /**
         * Sets how often the gate adds its counts (runs, replays, rejections, conflicts …) to those that the store
         * keeps for the health view; it also does so when it is closed. Default 10 s; zero counts nothing. The counts
         * are approximate: around an outage some may be added twice, and runs that end after the drain timeout are not
         * counted.
         */
        @CanIgnoreReturnValue
        public Builder countsEvery(Duration every) {
            this.countsEvery = Preconditions.notNull(every, "countsEvery").isZero()
                    ? every
                    : Preconditions.positive(every, "countsEvery");
            return this;
        }

        /** Sets the listener that receives the gate's events. */
        @CanIgnoreReturnValue
        public Builder listener(ToolGateListener listener) {
            this.listener = Preconditions.notNull(listener, "listener");
            return this;
        }

        /**
         * Sets the executor on which {@code executeAsync} claims and runs. Default: up to 64 threads of the gate's own.
         * A run that waits for another {@code executeAsync} occupies one of them: pass an unbounded executor if your
         * runs do that. A call that has no thread within its wait ends with {@link ToolGateException.NotExecuted}; with
         * a wait of zero it stays in the executor's queue.
         */
        @CanIgnoreReturnValue
        public Builder executor(Executor executor) {
            this.executor = Preconditions.notNull(executor, "executor");
            return this;
        }

        /** Sets the owner name that records show to people, 1 to 255 bytes of UTF-8. Default: process id and host. */
        @CanIgnoreReturnValue
        public Builder owner(String owner) {
            this.owner = Preconditions.name(owner, "owner");
            return this;
        }

        /**
         * Keeps stored results in memory and replays them from there, without reading the store. Default: none, every
         * replay is one read. See {@link ReplayCache} for the changes that the gate then sees late.
         */
        @CanIgnoreReturnValue
        public Builder replayCache(ReplayCache cache) {
            this.replayCache = Preconditions.notNull(cache, "replayCache");
            return this;
        }

        /** Builds the gate. */
        public ToolGate build() {
            return new ToolGate(new GateEngine(
                    store,
                    new GateSettings(
                            wait,
                            maxWaiters,
                            maxWaitersPerKey,
                            drainTimeout,
                            countsEvery,
                            listener,
                            executor,
                            owner,
                            replayCache == null ? null : replayCache.settings())));
        }

        private static String defaultOwner() {
            String host = Objects.requireNonNullElse(System.getenv("HOSTNAME"), "localhost");
            String printable = host.replaceAll("[^!-~]", "?");
            return "pid " + ProcessHandle.current().pid() + " at "
                    + printable.substring(0, Math.min(100, printable.length()));
        }
    }
}
