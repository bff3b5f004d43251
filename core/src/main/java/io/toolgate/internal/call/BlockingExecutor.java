package io.toolgate.internal.call;

import io.toolgate.Outcome;
import io.toolgate.ToolGateException;
import io.toolgate.internal.base.KeyEvent;
import io.toolgate.internal.call.ExecuteCall.Step;
import io.toolgate.internal.call.SingleFlight.Flight;
import io.toolgate.internal.waiting.Waiter;
import io.toolgate.internal.waiting.WaiterPoller;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/** Executes calls that run and wait on their caller's thread. */
public final class BlockingExecutor {
    private final SingleFlight flights;
    private final WaiterPoller records;
    private final Waiter.Limit limit;

    /** An executor whose calls wait in {@code flights} and at {@code records}. */
    public BlockingExecutor(SingleFlight flights, WaiterPoller records, Waiter.Limit limit) {
        this.flights = flights;
        this.records = records;
        this.limit = limit;
    }

    /** Takes the steps of {@code call}, beginning with {@code first}, until it is answered. */
    public <R extends @Nullable Object> Outcome<R> execute(ExecuteCall<?, R> call, Step<R> first) {
        Step<R> step = first;
        while (true) {
            if (step instanceof Step.Answer<R> answer) {
                return answer.outcome();
            } else if (step instanceof Step.AwaitRecord<R>) {
                step = call.after(awaitRecordOrRefusal(call));
            } else if (step instanceof Step.Pause<R> pause) {
                pause(pause.nanos());
                step = new Step.LeadOrFollow<>();
            } else {
                KeyEvent end = flights.endSince(call);
                step = end == null ? leadOrFollow(call) : call.after(end);
            }
        }
    }

    private <R extends @Nullable Object> Step<R> leadOrFollow(ExecuteCall<?, R> call) {
        if (!call.waits()) {
            return flights.lead(call, null);
        }
        Flight flight = flights.flight(call.key(), new Flight());
        return flight.start() ? flights.lead(call, flight) : call.after(awaitFlight(call, flight));
    }

    private KeyEvent awaitFlight(ExecuteCall<?, ?> call, Flight flight) {
        Waiter.Blocking waiter = new Waiter.Blocking();
        limit.enter();
        try {
            KeyEvent event = flight.followers().join(waiter, limit.perKey());
            return event != null
                    ? event
                    : await(call, waiter, () -> flight.followers().leave(waiter));
        } finally {
            limit.leave();
        }
    }

    /**
     * A call that has run already must not fail because it cannot wait, since there are too many waiters or the gate is
     * closed: that would say that it did not run. So the refusal is an event to it.
     */
    private KeyEvent awaitRecordOrRefusal(ExecuteCall<?, ?> call) {
        try {
            return awaitRecord(call);
        } catch (ToolGateException.TooManyWaiters | ToolGateException.Closed e) {
            return new KeyEvent.CallFailed(() -> e);
        } finally {
            flights.removeHeld(call);
        }
    }

    private KeyEvent awaitRecord(ExecuteCall<?, ?> call) {
        Waiter.Blocking waiter = new Waiter.Blocking();
        limit.enter();
        try {
            records.join(call.key(), waiter, limit.perKey());
            flights.removeHeld(call);
            return await(call, waiter, () -> records.leave(call.key(), waiter));
        } finally {
            limit.leave();
        }
    }

    private static KeyEvent await(ExecuteCall<?, ?> call, Waiter.Blocking waiter, Runnable leave) {
        long from = System.nanoTime();
        try {
            return waiter.event().get(Math.max(0, call.remainingNanos()), TimeUnit.NANOSECONDS);
        } catch (TimeoutException e) {
            waiter.complete(new KeyEvent.TimedOut());
            leave.run();
            // Race: an event arrived between the timeout and the completion above; then it is the result.
            return waiter.event().join();
        } catch (InterruptedException e) {
            leave.run();
            Thread.currentThread().interrupt();
            throw new ToolGateException.WaitInterrupted(e);
        } catch (ExecutionException e) {
            throw new AssertionError("a waiter is never completed exceptionally", e);
        } finally {
            call.reportWait(from);
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
