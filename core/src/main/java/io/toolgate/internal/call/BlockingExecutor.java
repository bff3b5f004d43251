package io.toolgate.internal.call;

import io.toolgate.Outcome;
import io.toolgate.ToolGateException;
import io.toolgate.internal.base.KeyEvent;
import io.toolgate.internal.call.ExecuteCall.Next;
import io.toolgate.internal.waiting.Waiter;
import io.toolgate.internal.waiting.WaiterLimit;
import io.toolgate.internal.waiting.WaiterPoller;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/** Calls that run and wait on their caller's thread. */
public final class BlockingExecutor {
    private final SingleFlight leader;
    private final WaiterPoller watcher;
    private final WaiterLimit limit;

    public BlockingExecutor(SingleFlight leader, WaiterPoller watcher, WaiterLimit limit) {
        this.leader = leader;
        this.watcher = watcher;
        this.limit = limit;
    }

    public <R extends @Nullable Object> Outcome<R> execute(ExecuteCall<?, R> call, Next<R> first) {
        Next<R> next = first;
        while (true) {
            if (next instanceof Next.Answer<R> answer) {
                return answer.outcome();
            } else if (next instanceof Next.Watch<R>) {
                next = call.on(recordOrRefusal(call));
            } else if (next instanceof Next.Pause<R> pause) {
                pause(pause.nanos());
                next = new Next.Enter<>();
            } else {
                KeyEvent meanwhile = leader.meanwhile(call);
                next = meanwhile == null ? enter(call) : call.on(meanwhile);
            }
        }
    }

    private <R extends @Nullable Object> Next<R> enter(ExecuteCall<?, R> call) {
        if (!call.waits()) {
            return leader.lead(call, null);
        }
        Flight flight = leader.flight(call.key(), new Flight());
        return flight.start() ? leader.lead(call, flight) : call.on(awaitFlight(call, flight));
    }

    private KeyEvent awaitFlight(ExecuteCall<?, ?> call, Flight flight) {
        Waiter.Blocking waiter = new Waiter.Blocking();
        limit.enter();
        try {
            KeyEvent news = flight.point().join(waiter, limit.perKey());
            return news != null
                    ? news
                    : awaitNews(call, waiter, () -> flight.point().leave(waiter));
        } finally {
            limit.leave();
        }
    }

    /** Whether a call may be told that there are too many waiters depends on whether it has run. */
    private KeyEvent recordOrRefusal(ExecuteCall<?, ?> call) {
        try {
            return awaitRecord(call);
        } catch (ToolGateException.TooManyWaiters e) {
            return new KeyEvent.Broken(() -> e);
        } finally {
            leader.land(call);
        }
    }

    private KeyEvent awaitRecord(ExecuteCall<?, ?> call) {
        Waiter.Blocking waiter = new Waiter.Blocking();
        limit.enter();
        try {
            watcher.join(call.key(), waiter, limit.perKey());
            leader.land(call);
            return awaitNews(call, waiter, () -> watcher.leave(call.key(), waiter));
        } finally {
            limit.leave();
        }
    }

    private static KeyEvent awaitNews(ExecuteCall<?, ?> call, Waiter.Blocking waiter, Runnable leave) {
        long from = System.nanoTime();
        try {
            return waiter.news.get(Math.max(0, call.remainingNanos()), TimeUnit.NANOSECONDS);
        } catch (TimeoutException e) {
            waiter.tell(new KeyEvent.TimedOut());
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

    private static void pause(long nanos) {
        try {
            TimeUnit.NANOSECONDS.sleep(nanos);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new ToolGateException.WaitInterrupted(e);
        }
    }
}
