package io.toolgate.internal;

import io.toolgate.Outcome;
import io.toolgate.PaidAction;
import io.toolgate.ReconcileReport;
import io.toolgate.ToolGateException;
import io.toolgate.internal.Call.Next;
import io.toolgate.store.IdempotencyStore;
import io.toolgate.store.InputFingerprint;
import io.toolgate.store.RecordId;
import java.security.SecureRandom;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What a {@link io.toolgate.ToolGate} is made of: single flight in front of the store, the waiting of those who cannot run,
 * and the threads behind both.
 *
 * <p>A call either leads (claims, and runs if it may) or joins the flight of an equal call that leads in this process. Who
 * finds that another process owns the key, leader and joiners alike, waits at the {@link Watcher}. Calls that do not wait
 * skip the flight and ask the store, since only the store can answer at once.
 */
public final class GateEngine implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(GateEngine.class);
    private static final int RUN_THREADS = 64;
    private static final int CONTINUATION_THREADS = 4;

    private final IdempotencyStore store;
    private final GateSettings settings;
    private final Events events;
    private final SecureRandom random = new SecureRandom();
    private final ConcurrentHashMap<CallKey, WaitPoint> flights = new ConcurrentHashMap<>();
    private final AtomicInteger waiting = new AtomicInteger();

    // Continuations have threads of their own: were they to queue behind runs, no wait would end by its deadline.
    private final ThreadPoolExecutor continuations = Threads.pool("continue", CONTINUATION_THREADS);
    private final @Nullable ThreadPoolExecutor ownRuns;
    private final Executor runs;
    private final ScheduledThreadPoolExecutor timer;
    private final HeartbeatKeeper heartbeats;
    private final Watcher watcher;

    private final Set<LiveAttempt> running = ConcurrentHashMap.newKeySet();
    private final ThreadLocal<Deque<RecordId>> runningHere = ThreadLocal.withInitial(ArrayDeque::new);

    private final ReentrantLock drainLock = new ReentrantLock();
    private final Condition drained = drainLock.newCondition();
    // Guarded by drainLock: runs that have a claim under way or an attempt going on.
    private int active;
    private volatile boolean closed;

    /** An engine on {@code store}, which stays the caller's to close. */
    public GateEngine(IdempotencyStore store, GateSettings settings) {
        this.store = store;
        this.settings = settings;
        this.events = new Events(settings.listener());
        Executor given = settings.executor();
        if (given == null) {
            ThreadPoolExecutor own = Threads.pool("run", RUN_THREADS);
            this.ownRuns = own;
            this.runs = own;
        } else {
            this.ownRuns = null;
            this.runs = given;
        }
        this.timer = new ScheduledThreadPoolExecutor(1, task -> Threads.daemon("timer", task));
        this.timer.setRemoveOnCancelPolicy(true);
        this.timer.setKeepAliveTime(10, TimeUnit.SECONDS);
        this.timer.allowCoreThreadTimeOut(true);
        this.heartbeats = new HeartbeatKeeper(store, events, continuations);
        this.watcher = new Watcher(store);
    }

    IdempotencyStore store() {
        return store;
    }

    Events events() {
        return events;
    }

    SecureRandom random() {
        return random;
    }

    String owner() {
        return settings.owner();
    }

    // Calls.

    /** Runs {@code action}, or gives what a run of it under this identity gave. */
    public <I extends @Nullable Object, R extends @Nullable Object> Outcome<R> execute(
            PaidAction<I, R> action, RecordId id, I input) {
        Call<I, R> call = open(action, id, input);
        Next<R> next = firstStep(call);
        while (true) {
            if (next instanceof Next.Answer<R> answer) {
                return answer.outcome();
            }
            next = next instanceof Next.Watch<R> ? call.on(awaitRecord(call)) : enter(call);
        }
    }

    /**
     * Where others wait for the record already, a newcomer waits with them: what it would claim, the next poll tells. Later
     * steps do not, or a stream of newcomers would keep everybody from taking over.
     */
    private <R extends @Nullable Object> Next<R> firstStep(Call<?, R> call) {
        return call.waits() && watcher.watches(call.key()) ? new Next.Watch<>() : new Next.Enter<>();
    }

    private <I extends @Nullable Object, R extends @Nullable Object> Next<R> enter(Call<I, R> call) {
        if (!call.waits()) {
            return lead(call, null);
        }
        WaitPoint mine = new WaitPoint();
        WaitPoint flight = flights.putIfAbsent(call.key(), mine);
        return flight == null ? lead(call, mine) : call.on(awaitFlight(call, flight));
    }

    /**
     * Claims and runs on this thread, then tells those who joined. The flight is taken off the map before it is settled: who
     * is told to try again must not find it.
     */
    private <I extends @Nullable Object, R extends @Nullable Object> Next<R> lead(
            Call<I, R> call, @Nullable WaitPoint flight) {
        // If the run throws an Error, those who joined ask the store, which knows how far it came.
        Settlement news = new Settlement.Open();
        boolean leading = false;
        try {
            beginLeading();
            leading = true;
            Runner.Led<R> led = new Runner<R>(
                            this,
                            call.action(),
                            call.key(),
                            call.startedNanos(),
                            attempt -> call.action().run().run(call.input(), attempt))
                    .lead();
            news = led.news();
            Outcome<R> own = led.own();
            return own != null ? new Next.Answer<>(own) : call.on(news);
        } catch (ToolGateException e) {
            news = new Settlement.Broken(() -> forJoiner(call, e));
            throw e;
        } finally {
            if (leading) {
                endLeading();
            }
            if (flight != null) {
                flights.remove(call.key(), flight);
                flight.settle(news);
            }
        }
    }

    private static ToolGateException forJoiner(Call<?, ?> call, ToolGateException leader) {
        if (leader instanceof ToolGateException.Closed) {
            return new ToolGateException.Closed();
        }
        if (leader instanceof ToolGateException.ResultNotStored) {
            return new ToolGateException.ResultNotStored(call.id(), 0, null, leader);
        }
        return new ToolGateException.NotExecuted(
                "The call of " + call.id() + " that this one had joined failed", leader);
    }

    private <I extends @Nullable Object, R extends @Nullable Object> Call<I, R> open(
            PaidAction<I, R> action, RecordId id, I input) {
        ensureOpen();
        if (runningHere.get().contains(id)) {
            throw new ToolGateException.SelfWait(id);
        }
        InputFingerprint fingerprint;
        try {
            fingerprint = InputFingerprint.ofCanonical(
                    Checks.notNull(action.fingerprint().canonical(input), "the fingerprint's bytes"));
        } catch (Exception | StackOverflowError e) {
            throw new ToolGateException.NotExecuted(
                    "The fingerprint of the input of " + action + " could not be computed", e);
        }
        return new Call<>(action, new CallKey(id, fingerprint), input, settings.maxWait(), events);
    }

    // Waiting, with a thread.

    private Settlement awaitFlight(Call<?, ?> call, WaitPoint flight) {
        Waiter.Blocking waiter = new Waiter.Blocking();
        enterWait();
        try {
            Settlement news = flight.join(waiter, settings.maxWaitersPerKey());
            return news != null ? news : awaitNews(call, waiter, () -> flight.leave(waiter));
        } finally {
            leaveWait();
        }
    }

    private Settlement awaitRecord(Call<?, ?> call) {
        Waiter.Blocking waiter = new Waiter.Blocking();
        enterWait();
        try {
            watcher.join(call.key(), waiter, settings.maxWaitersPerKey());
            return awaitNews(call, waiter, () -> watcher.leave(call.key(), waiter));
        } finally {
            leaveWait();
        }
    }

    private static Settlement awaitNews(Call<?, ?> call, Waiter.Blocking waiter, Runnable leave) {
        long from = System.nanoTime();
        try {
            return waiter.news.get(Math.max(0, call.remainingNanos()), TimeUnit.NANOSECONDS);
        } catch (TimeoutException e) {
            waiter.tell(new Settlement.TimedOut());
            leave.run();
            // Race: the news came between the timeout and the line above; then it is the answer.
            return waiter.news.join();
        } catch (InterruptedException e) {
            leave.run();
            Thread.currentThread().interrupt();
            throw new ToolGateException.WaitInterrupted(e);
        } catch (ExecutionException e) {
            throw new AssertionError("a wait point never fails", e);
        } finally {
            call.waitedSince(from);
        }
    }

    private void enterWait() {
        if (waiting.incrementAndGet() > settings.maxWaiters()) {
            leaveWait();
            throw new ToolGateException.TooManyWaiters(settings.maxWaiters(), "at this gate");
        }
    }

    private void leaveWait() {
        waiting.decrementAndGet();
    }

    // Waiting, without a thread.

    /** Like {@link #execute}, with the action on the executor, and no thread while it waits. */
    public <I extends @Nullable Object, R extends @Nullable Object> CompletableFuture<Outcome<R>> executeAsync(
            PaidAction<I, R> action, RecordId id, I input) {
        Call<I, R> call = open(action, id, input);
        CompletableFuture<Outcome<R>> result = new CompletableFuture<>();
        step(call, firstStep(call), result);
        return result;
    }

    /** Goes on with {@code call} without blocking: what blocks is handed to the executor. */
    private <I extends @Nullable Object, R extends @Nullable Object> void step(
            Call<I, R> call, Next<R> next, CompletableFuture<Outcome<R>> result) {
        if (result.isDone()) {
            return;
        }
        try {
            if (next instanceof Next.Answer<R> answer) {
                result.complete(answer.outcome());
            } else if (next instanceof Next.Watch<R>) {
                defer(
                        call,
                        result,
                        waiter -> {
                            watcher.join(call.key(), waiter, settings.maxWaitersPerKey());
                            return null;
                        },
                        waiter -> watcher.leave(call.key(), waiter));
            } else if (!call.waits()) {
                leadLater(call, null, result);
            } else {
                WaitPoint mine = new WaitPoint();
                WaitPoint flight = flights.putIfAbsent(call.key(), mine);
                if (flight == null) {
                    leadLater(call, mine, result);
                } else {
                    defer(call, result, waiter -> flight.join(waiter, settings.maxWaitersPerKey()), flight::leave);
                }
            }
        } catch (Throwable e) {
            result.completeExceptionally(e);
        }
    }

    private <I extends @Nullable Object, R extends @Nullable Object> void leadLater(
            Call<I, R> call, @Nullable WaitPoint flight, CompletableFuture<Outcome<R>> result) {
        try {
            runs.execute(() -> {
                Next<R> next;
                try {
                    next = lead(call, flight);
                } catch (Throwable e) {
                    result.completeExceptionally(e);
                    return;
                }
                step(call, next, result);
            });
        } catch (RuntimeException e) {
            ToolGateException refused =
                    new ToolGateException.NotExecuted("The executor refused the run of " + call.id(), e);
            if (flight != null) {
                flights.remove(call.key(), flight);
                flight.settle(new Settlement.Broken(() -> forJoiner(call, refused)));
            }
            throw refused;
        }
    }

    private interface Joining {
        @Nullable
        Settlement join(Waiter waiter);
    }

    private interface Leaving {
        void leave(Waiter waiter);
    }

    @SuppressWarnings("FutureReturnValueIgnored") // What the stages throw ends in the result, which the caller has.
    private <I extends @Nullable Object, R extends @Nullable Object> void defer(
            Call<I, R> call, CompletableFuture<Outcome<R>> result, Joining joining, Leaving leaving) {
        long from = System.nanoTime();
        enterWait();
        CompletableFuture<Settlement> told = new CompletableFuture<>();
        Waiter.Deferred waiter = new Waiter.Deferred(continuations, told::complete);
        ScheduledFuture<?> deadline;
        Settlement there;
        try {
            there = joining.join(waiter);
            deadline = timer.schedule(
                    () -> {
                        leaving.leave(waiter);
                        waiter.tell(new Settlement.TimedOut());
                    },
                    Math.max(0, call.remainingNanos()),
                    TimeUnit.NANOSECONDS);
        } catch (RuntimeException e) {
            leaving.leave(waiter);
            leaveWait();
            throw e instanceof RejectedExecutionException ? new ToolGateException.Closed() : e;
        }
        // A cancelled call gives its place away at once; the run that it waited for goes on.
        result.whenComplete((outcome, thrown) -> {
            if (result.isCancelled()) {
                leaving.leave(waiter);
                waiter.tell(new Settlement.TimedOut());
            }
        });
        told.whenComplete((news, never) -> {
            deadline.cancel(false);
            leaveWait();
            call.waitedSince(from);
            Next<R> next;
            try {
                next = call.on(news);
            } catch (Throwable e) {
                result.completeExceptionally(e);
                return;
            }
            step(call, next, result);
        });
        if (there != null) {
            waiter.tell(there);
        }
    }

    // Reading.

    /** What the record says now, without waiting or running. */
    public <R extends @Nullable Object> Optional<Outcome<R>> find(PaidAction<?, R> action, RecordId id) {
        ensureOpen();
        return store.peek(id).map(record -> Outcomes.of(action, record));
    }

    /** Settles what records of {@code action} can be settled without their inputs. */
    public <R extends @Nullable Object> ReconcileReport reconcile(PaidAction<?, R> action) {
        ensureOpen();
        return new Sweep<>(this, action).run();
    }

    boolean isRunning(RecordId id) {
        return running.stream().anyMatch(attempt -> attempt.lease().id().equals(id));
    }

    // Runs.

    boolean isOpen() {
        return !closed;
    }

    void ensureOpen() {
        if (closed) {
            throw new ToolGateException.Closed();
        }
    }

    void beginLeading() {
        drainLock.lock();
        try {
            // Race: close() while calls come in. Under this lock a call is either counted, and drained, or refused.
            ensureOpen();
            active++;
        } finally {
            drainLock.unlock();
        }
    }

    void endLeading() {
        drainLock.lock();
        try {
            active--;
            drained.signalAll();
        } finally {
            drainLock.unlock();
        }
    }

    void begin(LiveAttempt attempt) {
        running.add(attempt);
        runningHere.get().push(attempt.lease().id());
        heartbeats.add(attempt);
    }

    void end(LiveAttempt attempt) {
        heartbeats.remove(attempt);
        Deque<RecordId> here = runningHere.get();
        here.pop();
        if (here.isEmpty()) {
            runningHere.remove();
        }
        running.remove(attempt);
    }

    /** Stops new work, keeps leases alive until the runs have ended or the drain time is over, then stops everything. */
    @Override
    public void close() {
        drainLock.lock();
        try {
            closed = true;
            long left = settings.drainTimeout().toNanos();
            // Runs of the closing thread itself cannot end while it waits for them.
            int mine = runningHere.get().size();
            while (active > mine && left > 0) {
                left = drained.awaitNanos(left);
            }
            if (active > mine) {
                log.warn(
                        "The gate was closed with {} runs going on after {}; their leases will end, and their records be"
                                + " found in doubt",
                        active - mine,
                        settings.drainTimeout());
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            log.warn("The drain was interrupted; leases of runs that still go on will end");
        } finally {
            drainLock.unlock();
        }
        watcher.close();
        heartbeats.close();
        timer.shutdown();
        continuations.shutdown();
        if (ownRuns != null) {
            ownRuns.shutdown();
        }
    }
}
