package io.toolgate;

import com.google.errorprone.annotations.CanIgnoreReturnValue;
import io.toolgate.internal.GateEngine;
import io.toolgate.internal.GateSettings;
import io.toolgate.internal.base.Preconditions;
import io.toolgate.internal.resolve.ReconcilePass;
import io.toolgate.internal.resolve.ReconcilerLoop;
import io.toolgate.store.IdempotencyStore;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Runs paid actions so that one key runs once, over all threads, processes and restarts that share a store. Concurrent
 * duplicates wait and are given the stored result; where nobody can know whether the effect happened, the gate says so.
 *
 * <p>A gate keeps the leases of its runs alive on a thread of its own and is meant to live as long as its process: make one
 * for each store. Safe for use by many threads.
 *
 * <p>What it does not do: a lease alone never guarantees that an effect outside the database happens once. See
 * {@link Recovery} for what does.
 */
public final class ToolGate implements AutoCloseable {
    /** How long a call waits for another run of its key, unless the gate is told otherwise. */
    public static final Duration DEFAULT_WAIT = Duration.ofSeconds(5);

    private final GateEngine engine;

    private ToolGate(GateEngine engine) {
        this.engine = engine;
    }

    ReconcilerLoop startReconciler(ReconcilePass.Settings settings, Duration every, ReconcilerLoop.Pause pause) {
        return engine.startReconciler(settings, every, pause);
    }

    /** Starts to build a gate on {@code store}, which stays the caller's to close, after the gate. */
    public static Builder on(IdempotencyStore store) {
        return new Builder(Preconditions.notNull(store, "store"));
    }

    /**
     * Runs {@code action} on the calling thread, unless {@code key} ran already or is running elsewhere: then waits for that
     * run, for as long as the gate allows, and gives what it stored. If the run that it waits for has no effect, or its owner
     * dies, the call takes over within its own wait.
     *
     * @param input of the action; another input under the same key is a {@link Outcome.KeyConflict}
     * @return what came of it; every expected end is a case
     * @throws ToolGateException.NotExecuted if something failed before the action; it did not run
     * @throws ToolGateException.ResultNotStored if the action ran and its end could not be stored
     * @throws ToolGateException.WaitInterrupted if the thread was interrupted while it waited
     * @throws ToolGateException.TooManyWaiters if too many calls wait already
     * @throws ToolGateException.SelfWait if a run calls with its own key
     * @throws ToolGateException.Closed if the gate is closed
     */
    public <I extends @Nullable Object, R extends @Nullable Object> Outcome<R> execute(
            PaidAction<I, R> action, IdempotencyKey key, I input) {
        Preconditions.notNull(action, "action");
        Preconditions.notNull(key, "key");
        return engine.execute(action, key.in(action.name()), input);
    }

    /**
     * The short form, for effects whose result is text: {@link #execute(PaidAction, IdempotencyKey, Object)} of an action with
     * the defaults of {@link PaidAction}, no input, and UTF-8.
     *
     * @param action its name
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
        /** Has the effect. */
        String run() throws Exception;
    }

    /**
     * Does what {@link #execute(PaidAction, IdempotencyKey, Object)} does, with the action on the gate's executor; while the
     * call waits it holds no thread and no connection. The future completes with the outcome, or exceptionally with what
     * {@code execute} throws. Cancelling it ends the wait; it does not stop a run.
     *
     * <p>Dependents of the future run on one of the gate's few threads, or on the run's: use the {@code …Async} methods for
     * those that block.
     */
    public <I extends @Nullable Object, R extends @Nullable Object> CompletableFuture<Outcome<R>> executeAsync(
            PaidAction<I, R> action, IdempotencyKey key, I input) {
        Preconditions.notNull(action, "action");
        Preconditions.notNull(key, "key");
        try {
            return engine.executeAsync(action, key.in(action.name()), input);
        } catch (ToolGateException e) {
            return CompletableFuture.failedFuture(e);
        }
    }

    /**
     * Reads what the record of {@code key} says now, in one read, without waiting or running; empty if there is none. The
     * input plays no part, nor does retention: a record whose time is over is shown until it is purged or claimed anew.
     *
     * @throws io.toolgate.store.StoreException if the store fails
     */
    public <R extends @Nullable Object> Optional<Outcome<R>> find(PaidAction<?, R> action, IdempotencyKey key) {
        Preconditions.notNull(action, "action");
        Preconditions.notNull(key, "key");
        return engine.find(action, key.in(action.name()));
    }

    /**
     * Passes once, on the calling thread, over the records of {@code action} whose effect is unknown: those whose owner vanished
     * and those that were in doubt when the pass began, of all tenants. A probing action's are asked about: what happened is
     * completed, what did not is released for the next call. The others are left, or put, in doubt: without their inputs
     * nothing can be rerun. Runs that go on in this or another process are left alone, and so is what is in quarantine. A
     * probe's "not happened" has the window that {@link Recovery#probe} describes.
     *
     * <p>A pass asks whether or not a {@link Reconciler} has asked lately, and quarantines nothing itself. It ends early, which its
     * report says, if the thread is interrupted, the gate closed, or the store found to be down.
     *
     * @throws io.toolgate.store.StoreException if the store cannot tell which records there are
     */
    @CanIgnoreReturnValue
    public ReconcileReport reconcile(PaidAction<?, ?> action) {
        return engine.reconcile(Preconditions.notNull(action, "action"));
    }

    /**
     * Ends the finished record of {@code key}, so that the next call, with whatever input, runs the action anew. The ended one
     * is kept as {@linkplain #history history}, as long as its retention says, or for good where the store's journal is on.
     * Numbers of attempts and versions go on from where they were; the provider key is another one from then on.
     *
     * <p>Who retired it is, for the history, the gate's {@linkplain Builder#owner owner}: put a person's name into the reason.
     *
     * @param reason why, for the history: 1 to 1,000 characters
     * @return refused if there is no record, or if it is not finished
     * @throws IllegalArgumentException if the reason is blank or too long; nothing is changed then
     * @throws io.toolgate.store.StoreException if the store fails; whether the record was retired can be read from it
     */
    public <R extends @Nullable Object> Decided<R> retire(PaidAction<?, R> action, IdempotencyKey key, String reason) {
        Preconditions.notNull(action, "action");
        Preconditions.notNull(key, "key");
        return engine.retire(action, key.in(action.name()), reason);
    }

    /**
     * Ends a doubt by what somebody found out: of a record in doubt, or of one whose owner vanished. Who held it is refused from
     * then on. The doubt, and who ended it and why, are kept as {@linkplain #history history}.
     *
     * @param number of the attempt that was looked at; refused if another one has begun since
     * @param operator who decides, for the history: 1 to 255 bytes of UTF-8
     * @param reason why, for the history: 1 to 1,000 characters
     * @return refused if there is nothing to resolve: no record, a live run, or one that is finished or free; or if the record
     *     moved meanwhile
     * @throws IllegalArgumentException if the result cannot be encoded or is too large, or operator or reason is blank or too
     *     long; nothing is changed then
     * @throws io.toolgate.store.StoreException if the store fails; whether the record was resolved can be read from it
     */
    public <R extends @Nullable Object> Decided<R> resolve(
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
     * What was decided about {@code key}, oldest first, with each record as it stood before: what was retired, and which doubts
     * were resolved. At most the newest thousand; the present record is {@link #find}'s.
     *
     * @throws io.toolgate.store.StoreException if the store fails
     */
    public <R extends @Nullable Object> List<HistoryEntry<R>> history(PaidAction<?, R> action, IdempotencyKey key) {
        Preconditions.notNull(action, "action");
        Preconditions.notNull(key, "key");
        return engine.history(action, key.in(action.name()));
    }

    /**
     * Tells {@code listener} how the record of {@code key} moves, in this process or any other: what is there when the watch
     * begins, if there is anything, and then what comes. The versions that are told strictly increase. Versions between two
     * looks are left out, and so are those that come while the listener is at work on an earlier one; the latest is always
     * told in the end. Looks come within 10 ms after news, every 250 ms after a long time without, more seldom while the store
     * fails, and at once where the store gives a hint.
     *
     * <p>One thread of the gate calls all listeners of watches, so that a slow one delays the news of others, though nothing
     * else. What a listener throws is logged. The watch goes on, over attempts, retirements and new beginnings, until it is
     * closed, the gate is, or the record is deleted; a key that is claimed after that begins with version 1, and wants a new
     * watch.
     *
     * @param action whose record it is
     * @param listener is never called at the same time by two threads
     * @throws ToolGateException.Closed if the gate is closed
     */
    public Watch watch(PaidAction<?, ?> action, IdempotencyKey key, Consumer<Progress> listener) {
        Preconditions.notNull(action, "action");
        Preconditions.notNull(key, "key");
        return engine.watch(key.in(action.name()), Preconditions.notNull(listener, "listener"));
    }

    /**
     * Stops new work at once; keeps the leases of what runs alive until it has ended or the drain time is over. Calls that
     * still wait then are told that the gate is closed. If the closing thread is interrupted it stops waiting, and leases are
     * kept until their runs have ended. Ends all watches. Idempotent; does not close the store.
     */
    @Override
    public void close() {
        engine.close();
    }

    /** Collects a gate's settings. Not safe for use by many threads. */
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

        /** How long a call waits for another run of its key: 5 s without this, zero to answer at once. */
        @CanIgnoreReturnValue
        public Builder waitForInProgress(Duration wait) {
            this.wait = Preconditions.notNegative(wait, "waitForInProgress");
            return this;
        }

        /** How many calls may wait at this gate at one time, 65,536 without this; one more is refused. */
        @CanIgnoreReturnValue
        public Builder maxWaiters(int maxWaiters) {
            this.maxWaiters = Preconditions.atLeastOne(maxWaiters, "maxWaiters");
            return this;
        }

        /** How many calls may wait for one key at this gate at one time, 16,384 without this; one more is refused. */
        @CanIgnoreReturnValue
        public Builder maxWaitersPerKey(int maxWaitersPerKey) {
            this.maxWaitersPerKey = Preconditions.atLeastOne(maxWaitersPerKey, "maxWaitersPerKey");
            return this;
        }

        /** How long {@link ToolGate#close()} waits for runs to end: 30 s without this, zero not to wait. */
        @CanIgnoreReturnValue
        public Builder drainTimeout(Duration drainTimeout) {
            this.drainTimeout = Preconditions.notNegative(drainTimeout, "drainTimeout");
            return this;
        }

        /**
         * How often the gate adds what it counted (runs, replays, rejections, conflicts …) to the counts that its store keeps
         * for the health view: every 10 s without this, and when it is closed; zero to count nothing. Counts are for people:
         * around an outage some may be added twice, and what ends after the drain time is not counted.
         */
        @CanIgnoreReturnValue
        public Builder countsEvery(Duration every) {
            this.countsEvery = Preconditions.notNull(every, "countsEvery").isZero()
                    ? every
                    : Preconditions.positive(every, "countsEvery");
            return this;
        }

        /** Who is told what the gate does. */
        @CanIgnoreReturnValue
        public Builder listener(ToolGateListener listener) {
            this.listener = Preconditions.notNull(listener, "listener");
            return this;
        }

        /**
         * Where {@code executeAsync} claims and runs; without this, up to 64 threads of the gate's own. A run that waits for
         * another {@code executeAsync} holds one of them: give an executor without a limit if yours do.
         */
        @CanIgnoreReturnValue
        public Builder executor(Executor executor) {
            this.executor = Preconditions.notNull(executor, "executor");
            return this;
        }

        /** How this process calls itself in the records it owns, for people: 1 to 255 bytes; process and host without this. */
        @CanIgnoreReturnValue
        public Builder owner(String owner) {
            this.owner = Preconditions.name(owner, "owner");
            return this;
        }

        /**
         * Keeps what finished runs left in memory and replays it from there, without asking the store; without this every
         * replay is one read. See {@link ReplayCache} for what the gate may then be late to see.
         */
        @CanIgnoreReturnValue
        public Builder replayCache(ReplayCache cache) {
            this.replayCache = Preconditions.notNull(cache, "replayCache");
            return this;
        }

        /** The gate. */
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
