package io.toolgate.internal.call;

import io.toolgate.Outcome;
import io.toolgate.ToolGateException;
import io.toolgate.internal.base.CallKey;
import io.toolgate.internal.base.GateThreads;
import io.toolgate.internal.base.KeyEvent;
import io.toolgate.internal.call.ExecuteCall.Next;
import io.toolgate.internal.waiting.Waiter;
import io.toolgate.internal.waiting.WaiterLimit;
import io.toolgate.internal.waiting.WaiterPoller;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ScheduledFuture;
import org.jspecify.annotations.Nullable;

/** Calls that hold no thread while they wait, and run on the gate's executor. */
public final class AsyncExecutor {
    private final SingleFlight leader;
    private final WaiterPoller watcher;
    private final WaiterLimit limit;
    private final GateThreads threads;

    public AsyncExecutor(SingleFlight leader, WaiterPoller watcher, WaiterLimit limit, GateThreads threads) {
        this.leader = leader;
        this.watcher = watcher;
        this.limit = limit;
        this.threads = threads;
    }

    public <R extends @Nullable Object> CompletableFuture<Outcome<R>> execute(ExecuteCall<?, R> call, Next<R> first) {
        CompletableFuture<Outcome<R>> result = new CompletableFuture<>();
        step(call, first, result);
        return result;
    }

    /** Goes on with {@code call} without blocking: what blocks is handed to the executor. */
    private <R extends @Nullable Object> void step(
            ExecuteCall<?, R> call, Next<R> next, CompletableFuture<Outcome<R>> result) {
        if (result.isDone()) {
            return;
        }
        try {
            if (next instanceof Next.Answer<R> answer) {
                result.complete(answer.outcome());
            } else if (next instanceof Next.Watch<R>) {
                watch(call, result);
            } else if (next instanceof Next.Pause<R> pause) {
                var unused = threads.after(
                        pause.nanos(),
                        () -> threads.continuations().execute(() -> step(call, new Next.Enter<>(), result)));
            } else if (!call.waits()) {
                threads.run(() -> lead(call, null, result));
            } else {
                KeyEvent meanwhile = leader.meanwhile(call);
                if (meanwhile != null) {
                    step(call, call.on(meanwhile), result);
                    return;
                }
                Flight mine = new Flight();
                Flight flight = leader.flight(call.key(), mine);
                if (flight == mine) {
                    leadLater(call, mine, result);
                } else {
                    defer(call, result, new AtFlight(flight));
                }
            }
        } catch (Throwable e) {
            result.completeExceptionally(
                    e instanceof ToolGateException
                            ? e
                            : new ToolGateException.NotExecuted("The executor refused the run of " + call.id(), e));
        }
    }

    /** Whether a call may be told that there are too many waiters depends on whether it has run. */
    private <R extends @Nullable Object> void watch(ExecuteCall<?, R> call, CompletableFuture<Outcome<R>> result) {
        try {
            defer(call, result, new AtRecord(call.key()));
        } catch (ToolGateException.TooManyWaiters e) {
            step(call, call.on(new KeyEvent.Broken(() -> e)), result);
        }
    }

    private <R extends @Nullable Object> void lead(
            ExecuteCall<?, R> call, @Nullable Flight flight, CompletableFuture<Outcome<R>> result) {
        Next<R> next;
        try {
            next = leader.lead(call, flight);
        } catch (Throwable e) {
            result.completeExceptionally(e);
            return;
        }
        try {
            step(call, next, result);
        } finally {
            leader.land(call);
        }
    }

    /**
     * Leads as soon as the executor has a thread. Until then the flight has not started: a blocking call may start it on its
     * own thread, and if this call is cancelled, or its time is over, nobody runs on its behalf.
     */
    private <R extends @Nullable Object> void leadLater(
            ExecuteCall<?, R> call, Flight flight, CompletableFuture<Outcome<R>> result) {
        ScheduledFuture<?> deadline = null;
        try {
            ScheduledFuture<?> scheduled = threads.after(call.remainingNanos(), () -> {
                if (flight.expire()) {
                    leader.settle(call.key(), flight, new KeyEvent.Open());
                    threads.continuations().execute(() -> step(call, call.on(new KeyEvent.TimedOut()), result));
                }
            });
            deadline = scheduled;
            threads.run(() -> {
                scheduled.cancel(false);
                begin(call, flight, result);
            });
        } catch (Throwable e) {
            if (deadline != null) {
                deadline.cancel(false);
            }
            ToolGateException refused = e instanceof ToolGateException known
                    ? known
                    : new ToolGateException.NotExecuted("The executor refused the run of " + call.id(), e);
            if (flight.start()) {
                leader.fail(call.key(), flight, refused);
            }
            throw refused;
        }
    }

    /** Begins on a thread that may block, which may be long after {@code flight} was made. */
    private <R extends @Nullable Object> void begin(
            ExecuteCall<?, R> call, Flight flight, CompletableFuture<Outcome<R>> result) {
        if (flight.start()) {
            if (result.isDone()) {
                leader.settle(call.key(), flight, new KeyEvent.Open());
            } else {
                lead(call, flight, result);
            }
            return;
        }
        // Time was up, and the caller has been told, or is being told, that this call did nothing.
        if (flight.isExpired() || result.isDone()) {
            return;
        }
        // A blocking call has started the flight instead; whether it still goes on or not, this thread is free.
        Flight next = leader.flight(call.key(), new Flight());
        if (next.start()) {
            lead(call, next, result);
            return;
        }
        try {
            defer(call, result, new AtFlight(next));
        } catch (Throwable e) {
            result.completeExceptionally(e);
        }
    }

    /** Where a call waits. */
    private sealed interface Place {
        @Nullable
        KeyEvent join(Waiter waiter);

        void leave(Waiter waiter);
    }

    private final class AtFlight implements Place {
        private final Flight flight;

        AtFlight(Flight flight) {
            this.flight = flight;
        }

        @Override
        public @Nullable KeyEvent join(Waiter waiter) {
            return flight.point().join(waiter, limit.perKey());
        }

        @Override
        public void leave(Waiter waiter) {
            flight.point().leave(waiter);
        }
    }

    private final class AtRecord implements Place {
        private final CallKey key;

        AtRecord(CallKey key) {
            this.key = key;
        }

        @Override
        public @Nullable KeyEvent join(Waiter waiter) {
            watcher.join(key, waiter, limit.perKey());
            return null;
        }

        @Override
        public void leave(Waiter waiter) {
            watcher.leave(key, waiter);
        }
    }

    @SuppressWarnings("FutureReturnValueIgnored") // What the stages throw ends in the result, which the caller has.
    private <R extends @Nullable Object> void defer(
            ExecuteCall<?, R> call, CompletableFuture<Outcome<R>> result, Place place) {
        long from = System.nanoTime();
        CompletableFuture<KeyEvent> told = new CompletableFuture<>();
        Waiter.Deferred waiter = new Waiter.Deferred(threads.continuations(), told::complete);
        limit.enter();
        ScheduledFuture<?> deadline;
        KeyEvent there;
        try {
            there = place.join(waiter);
            deadline = threads.after(call.remainingNanos(), () -> {
                place.leave(waiter);
                waiter.tell(new KeyEvent.TimedOut());
            });
        } catch (Throwable e) {
            place.leave(waiter);
            limit.leave();
            throw e;
        }
        // Whoever completes the result, by cancelling it or otherwise, ends the wait; the run that was waited for goes
        // on.
        result.whenComplete((outcome, thrown) -> {
            place.leave(waiter);
            waiter.tell(new KeyEvent.TimedOut());
        });
        told.whenComplete((news, never) -> {
            deadline.cancel(false);
            limit.leave();
            if (result.isDone()) {
                return;
            }
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
}
