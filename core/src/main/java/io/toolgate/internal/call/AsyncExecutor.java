package io.toolgate.internal.call;

import io.toolgate.Outcome;
import io.toolgate.ToolGateException;
import io.toolgate.internal.base.CallKey;
import io.toolgate.internal.base.GateThreads;
import io.toolgate.internal.base.KeyEvent;
import io.toolgate.internal.base.StopSignal;
import io.toolgate.internal.call.ExecuteCall.Step;
import io.toolgate.internal.call.SingleFlight.Flight;
import io.toolgate.internal.waiting.Waiter;
import io.toolgate.internal.waiting.WaiterPoller;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * Executes calls that hold no thread while they wait, and run on the gate's executor.
 *
 * <p>Race: the gate is closed while a call pauses, or waits for a thread of the executor, which may never be free. The
 * stop signal then answers the call, unless it has begun to run: every future completes.
 */
public final class AsyncExecutor {
    private final SingleFlight flights;
    private final WaiterPoller records;
    private final Waiter.Limit limit;
    private final GateThreads threads;
    private final StopSignal closing;

    /**
     * An executor whose calls wait in {@code flights} and at {@code records}; those that do not run yet are answered
     * when {@code closing} is set.
     */
    public AsyncExecutor(
            SingleFlight flights, WaiterPoller records, Waiter.Limit limit, GateThreads threads, StopSignal closing) {
        this.flights = flights;
        this.records = records;
        this.limit = limit;
        this.threads = threads;
        this.closing = closing;
    }

    /** Takes the steps of {@code call}, beginning with {@code first}; the future completes when it is answered. */
    public <R extends @Nullable Object> CompletableFuture<Outcome<R>> execute(ExecuteCall<?, R> call, Step<R> first) {
        CompletableFuture<Outcome<R>> result = new CompletableFuture<>();
        take(call, first, result);
        return result;
    }

    /** Takes a step without blocking: what blocks is submitted to the executor. */
    private <R extends @Nullable Object> void take(
            ExecuteCall<?, R> call, Step<R> step, CompletableFuture<Outcome<R>> result) {
        if (result.isDone()) {
            return;
        }
        try {
            if (step instanceof Step.Answer<R> answer) {
                result.complete(answer.outcome());
            } else if (step instanceof Step.AwaitRecord<R>) {
                awaitRecord(call, result);
            } else if (step instanceof Step.Pause<R> pause) {
                pause(call, pause.nanos(), result);
            } else if (!call.waits()) {
                flights.ensureOpen();
                leadAlone(call, result);
            } else {
                flights.ensureOpen();
                KeyEvent end = flights.endSince(call);
                if (end != null) {
                    take(call, call.after(end), result);
                    return;
                }
                Flight mine = new Flight();
                Flight flight = flights.flight(call.key(), mine);
                if (flight == mine) {
                    leadLater(call, mine, result);
                } else {
                    await(call, result, new AtFlight(flight));
                }
            }
        } catch (Throwable e) {
            result.completeExceptionally(notStarted(call, e));
        }
    }

    private <R extends @Nullable Object> void pause(
            ExecuteCall<?, R> call, long nanos, CompletableFuture<Outcome<R>> result) {
        AtomicBoolean resumed = new AtomicBoolean();
        Runnable resume = () -> {
            if (resumed.compareAndSet(false, true)) {
                threads.proceed(() -> take(call, new Step.LeadOrFollow<>(), result));
            }
        };
        closing.onSet(resume);
        Runnable now = () -> {
            closing.remove(resume);
            resume.run();
        };
        try {
            var unused = threads.after(nanos, now);
        } catch (ToolGateException.Closed e) {
            now.run();
        }
    }

    /** Leads without a flight, which a call that does not wait needs only to tell whether it has begun. */
    private <R extends @Nullable Object> void leadAlone(ExecuteCall<?, R> call, CompletableFuture<Outcome<R>> result) {
        Flight own = new Flight();
        submit(call, own, () -> closed(result), () -> {
            if (own.start()) {
                lead(call, null, result);
            }
        });
    }

    /** Runs {@code body} on the executor. If the gate is closed before that began, {@code closed} is run instead. */
    private void submit(ExecuteCall<?, ?> call, Flight flight, Runnable closed, Runnable body) {
        Runnable onClose = () -> {
            if (flight.expire()) {
                closed.run();
            }
        };
        closing.onSet(onClose);
        try {
            threads.run(() -> {
                closing.remove(onClose);
                body.run();
            });
        } catch (Throwable e) {
            closing.remove(onClose);
            throw new ToolGateException.NotExecuted("The executor rejected the run of " + call.id(), e);
        }
    }

    /** On a thread of its own: what the caller made depend on {@code result} must not hold up the end of the gate. */
    private void closed(CompletableFuture<?> result) {
        threads.proceed(() -> result.completeExceptionally(new ToolGateException.Closed()));
    }

    private static ToolGateException notStarted(ExecuteCall<?, ?> call, Throwable cause) {
        return cause instanceof ToolGateException known
                ? known
                : new ToolGateException.NotExecuted("The call of " + call.id() + " could not start, or wait", cause);
    }

    /** As in {@link BlockingExecutor}: to a call that has run already, that it cannot wait is an event. */
    private <R extends @Nullable Object> void awaitRecord(
            ExecuteCall<?, R> call, CompletableFuture<Outcome<R>> result) {
        try {
            await(call, result, new AtRecord(call.key()));
        } catch (Throwable e) {
            proceed(call, new KeyEvent.CallFailed(() -> notStarted(call, e)), result);
        }
    }

    private <R extends @Nullable Object> void lead(
            ExecuteCall<?, R> call, @Nullable Flight flight, CompletableFuture<Outcome<R>> result) {
        Step<R> step;
        try {
            step = flights.lead(call, flight);
        } catch (Throwable e) {
            result.completeExceptionally(e);
            return;
        }
        try {
            take(call, step, result);
        } finally {
            flights.removeHeld(call);
        }
    }

    /**
     * Leads as soon as the executor has a thread. Until then the flight has not started: a blocking call may start it
     * on its own thread, and if this call is cancelled or times out, nothing is run on its behalf.
     */
    private <R extends @Nullable Object> void leadLater(
            ExecuteCall<?, R> call, Flight flight, CompletableFuture<Outcome<R>> result) {
        ScheduledFuture<?> deadline = null;
        try {
            ScheduledFuture<?> scheduled = threads.after(call.remainingNanos(), () -> {
                if (flight.expire()) {
                    flights.complete(call.key(), flight, new KeyEvent.NoThread());
                    threads.proceed(() -> proceed(call, new KeyEvent.NoThread(), result));
                }
            });
            deadline = scheduled;
            Runnable closed = () -> {
                scheduled.cancel(false);
                flights.fail(call.key(), flight, new ToolGateException.Closed());
                closed(result);
            };
            submit(call, flight, closed, () -> {
                scheduled.cancel(false);
                startOrFollow(call, flight, result);
            });
        } catch (Throwable e) {
            if (deadline != null) {
                deadline.cancel(false);
            }
            ToolGateException failure = notStarted(call, e);
            if (flight.start()) {
                flights.fail(call.key(), flight, failure);
            }
            throw failure;
        }
    }

    /** Starts {@code flight}, on a thread that may block, possibly long after it was made. */
    private <R extends @Nullable Object> void startOrFollow(
            ExecuteCall<?, R> call, Flight flight, CompletableFuture<Outcome<R>> result) {
        if (flight.start()) {
            if (result.isDone()) {
                flights.complete(call.key(), flight, new KeyEvent.NoThread());
            } else {
                lead(call, flight, result);
            }
            return;
        }
        // The call timed out, and its caller is answered, or about to be, that it did nothing.
        if (flight.isExpired() || result.isDone()) {
            return;
        }
        // A blocking call has started the flight instead. Whether it is still running or not, this thread is free.
        Flight next = flights.flight(call.key(), new Flight());
        if (next.start()) {
            lead(call, next, result);
            return;
        }
        try {
            await(call, result, new AtFlight(next));
        } catch (Throwable e) {
            result.completeExceptionally(e);
        }
    }

    /** What a call waits for. */
    private sealed interface Place {
        @Nullable
        KeyEvent join(Waiter waiter);

        void leave(Waiter waiter);

        /** The event of a waiter whose time is up. */
        default KeyEvent timedOut() {
            return new KeyEvent.TimedOut();
        }
    }

    private final class AtFlight implements Place {
        private final Flight flight;

        AtFlight(Flight flight) {
            this.flight = flight;
        }

        @Override
        public @Nullable KeyEvent join(Waiter waiter) {
            return flight.followers().join(waiter, limit.perKey());
        }

        @Override
        public void leave(Waiter waiter) {
            flight.followers().leave(waiter);
        }

        @Override
        public KeyEvent timedOut() {
            return flight.isStarted() ? new KeyEvent.TimedOut() : new KeyEvent.NoThread();
        }
    }

    private final class AtRecord implements Place {
        private final CallKey key;

        AtRecord(CallKey key) {
            this.key = key;
        }

        @Override
        public @Nullable KeyEvent join(Waiter waiter) {
            records.join(key, waiter, limit.perKey());
            return null;
        }

        @Override
        public void leave(Waiter waiter) {
            records.leave(key, waiter);
        }
    }

    @SuppressWarnings("FutureReturnValueIgnored") // What the stages throw ends in the result, which the caller has.
    private <R extends @Nullable Object> void await(
            ExecuteCall<?, R> call, CompletableFuture<Outcome<R>> result, Place place) {
        long from = System.nanoTime();
        CompletableFuture<KeyEvent> arrived = new CompletableFuture<>();
        Waiter.Deferred waiter = new Waiter.Deferred(threads::proceed, arrived::complete);
        limit.enter();
        ScheduledFuture<?> deadline;
        KeyEvent present;
        try {
            present = place.join(waiter);
            deadline = threads.after(call.remainingNanos(), () -> {
                place.leave(waiter);
                waiter.complete(place.timedOut());
            });
        } catch (Throwable e) {
            place.leave(waiter);
            limit.leave();
            throw e;
        }
        // A result that is completed from outside, by cancelling it or otherwise, ends the wait; the run goes on.
        result.whenComplete((outcome, thrown) -> {
            place.leave(waiter);
            waiter.complete(new KeyEvent.TimedOut());
        });
        arrived.whenComplete((event, never) -> {
            deadline.cancel(false);
            limit.leave();
            if (result.isDone()) {
                return;
            }
            call.reportWait(from);
            proceed(call, event, result);
        });
        if (present != null) {
            waiter.complete(present);
        }
    }

    private <R extends @Nullable Object> void proceed(
            ExecuteCall<?, R> call, KeyEvent event, CompletableFuture<Outcome<R>> result) {
        Step<R> step;
        try {
            step = call.after(event);
        } catch (Throwable e) {
            result.completeExceptionally(e);
            return;
        }
        take(call, step, result);
    }
}
