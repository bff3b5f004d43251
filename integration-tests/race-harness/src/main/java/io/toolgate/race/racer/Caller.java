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

/** Caller of the gate that records each call and its outcome in the history. Thread-safe. */
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

    /** The number of calls that have ended. */
    long answered() {
        return answered.get();
    }

    /** Reconciles the unfinished records of the action. */
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
            write(call, reply(outcome));
        } catch (Throwable e) {
            // Every exception is an answer to this caller, which the checker judges.
            write(call, new Reply(Answer.ERROR, null, null, null, e.toString()));
        }
        answered.incrementAndGet();
    }

    private record Call(String key, long number, int thread, long amount, long sentNanos) {}

    private record Reply(
            Answer answer,
            @Nullable String origin,
            @Nullable String sha256,
            @Nullable String receipt,
            @Nullable String detail) {
        static Reply without(Answer answer, Object detail) {
            return new Reply(answer, null, null, null, detail.toString());
        }
    }

    private Reply reply(Outcome<R> outcome) {
        return outcome.fold(
                done -> new Reply(
                        Answer.COMPLETED,
                        done.origin().name(),
                        digest(done.value()),
                        raced.receipt(done.value()),
                        null),
                rejected -> Reply.without(Answer.REJECTED, rejected.failure()),
                retryable -> Reply.without(Answer.RETRYABLE, retryable.failure()),
                running -> Reply.without(Answer.IN_PROGRESS, "retry after " + running.retryAfter()),
                doubt -> Reply.without(Answer.IN_DOUBT, doubt.failure()),
                conflict -> Reply.without(Answer.CONFLICT, "the key was first used with another input"),
                unavailable -> Reply.without(Answer.UNAVAILABLE, unavailable.reason()),
                lost -> Reply.without(Answer.LEASE_LOST, "attempt " + lost.number()));
    }

    private String digest(R value) {
        try {
            return Digests.sha256(action.codec().encode(value));
        } catch (Exception e) {
            throw new IllegalStateException("a result that was answered cannot be encoded again", e);
        }
    }

    private void write(Call call, Reply reply) {
        long now = System.nanoTime();
        history.write(new Event.Answered(
                now,
                clock.at(now),
                call.key(),
                call.number(),
                call.thread(),
                call.amount(),
                call.sentNanos(),
                reply.answer(),
                reply.origin(),
                reply.sha256(),
                reply.receipt(),
                reply.detail()));
    }
}
