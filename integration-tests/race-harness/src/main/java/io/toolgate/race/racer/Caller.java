package io.toolgate.race.racer;

import io.toolgate.Outcome;
import io.toolgate.PaidAction;
import io.toolgate.ToolGate;
import io.toolgate.race.Digests;
import io.toolgate.race.action.Order;
import io.toolgate.race.action.RaceAction;
import io.toolgate.race.history.Event;
import io.toolgate.race.history.Event.Answer;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/** Calls the gate, and writes down each call and what came of it. Safe for use by many threads. */
final class Caller<I extends @Nullable Object, R extends @Nullable Object> {
    private final RacerPlan plan;
    private final RuntimeUnderTest runtime;
    private final ToolGate gate;
    private final RaceAction<I, R> raced;
    private final PaidAction<I, R> action;
    private final HistoryWriter history;
    private final DatabaseClock clock;
    private final AtomicLong sent = new AtomicLong();
    private final AtomicLong answered = new AtomicLong();

    Caller(
            RacerPlan plan,
            RuntimeUnderTest runtime,
            ToolGate gate,
            RaceAction<I, R> raced,
            PaidAction<I, R> action,
            HistoryWriter history,
            DatabaseClock clock) {
        this.plan = plan;
        this.runtime = runtime;
        this.gate = gate;
        this.raced = raced;
        this.action = action;
        this.history = history;
        this.clock = clock;
    }

    /** How many calls are over. */
    long answered() {
        return answered.get();
    }

    /** Lets the gate look after what is unfinished. */
    void reconcile() {
        gate.reconcile(action);
    }

    void call(String key) {
        int thread = CallerThread.currentNumber();
        Order order = new Order(plan.keys().account(key), plan.mischief().amount(key, plan.process(), thread));
        Call call = new Call(key, sent.incrementAndGet(), thread, order.amount(), System.nanoTime());
        history.write(new Event.Called(
                call.sentNanos(), clock.at(call.sentNanos()), key, call.number(), thread, order.amount()));
        try {
            Outcome<R> outcome = runtime.execute(gate, action, plan.keys().key(key), raced.input(order));
            write(call, told(outcome));
        } catch (Throwable e) {
            // Whatever it is, it is what this caller was told, and the checker's business.
            write(call, new Told(Answer.ERROR, null, null, null, e.toString()));
        }
        answered.incrementAndGet();
    }

    private record Call(String key, long number, int thread, long amount, long sentNanos) {}

    private record Told(
            Answer answer,
            @Nullable String origin,
            @Nullable String sha256,
            @Nullable String receipt,
            @Nullable String detail) {
        static Told without(Answer answer, Object detail) {
            return new Told(answer, null, null, null, detail.toString());
        }
    }

    private Told told(Outcome<R> outcome) {
        return outcome.fold(
                done -> new Told(
                        Answer.COMPLETED,
                        done.origin().name(),
                        digest(done.value()),
                        raced.receipt(done.value()),
                        null),
                rejected -> Told.without(Answer.REJECTED, rejected.failure()),
                retryable -> Told.without(Answer.RETRYABLE, retryable.failure()),
                running -> Told.without(Answer.IN_PROGRESS, "retry after " + running.retryAfter()),
                doubt -> Told.without(Answer.IN_DOUBT, doubt.failure()),
                conflict -> Told.without(Answer.CONFLICT, "the key was first used with another input"),
                unavailable -> Told.without(Answer.UNAVAILABLE, unavailable.reason()),
                lost -> Told.without(Answer.LEASE_LOST, "attempt " + lost.number()));
    }

    private String digest(R value) {
        try {
            return Digests.sha256(action.codec().encode(value));
        } catch (Exception e) {
            throw new IllegalStateException("a result that was replayed cannot be encoded", e);
        }
    }

    private void write(Call call, Told told) {
        long now = System.nanoTime();
        history.write(new Event.Answered(
                now,
                clock.at(now),
                call.key(),
                call.number(),
                call.thread(),
                call.amount(),
                call.sentNanos(),
                told.answer(),
                told.origin(),
                told.sha256(),
                told.receipt(),
                told.detail()));
    }
}
