package io.toolgate.race.worker;

import io.toolgate.Outcome;
import io.toolgate.race.Digests;
import io.toolgate.race.worker.CallLine.Answer;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** Makes one call at a time and puts what came of it into a line. */
final class Caller {
    private final int worker;
    private final int thread;
    private final ChargeCall charge;

    Caller(int worker, int thread, ChargeCall charge) {
        this.worker = worker;
        this.thread = thread;
        this.charge = charge;
    }

    CallLine call(String key) {
        long start = System.nanoTime();
        try {
            Outcome<byte[]> outcome = charge.charge(key);
            return line(key, outcome, micros(start));
        } catch (Throwable e) {
            // Whatever it is, it is what this caller was told, and the verdict's business.
            return line(key, Answer.ERROR, null, null, micros(start), e.toString());
        }
    }

    private CallLine line(String key, Outcome<byte[]> outcome, long micros) {
        return outcome.fold(
                done -> line(key, Answer.COMPLETED, done.origin().name(), Digests.sha256(done.value()), micros, null),
                rejected -> line(
                        key,
                        Answer.REJECTED,
                        null,
                        null,
                        micros,
                        rejected.failure().toString()),
                retryable -> line(
                        key,
                        Answer.RETRYABLE,
                        null,
                        null,
                        micros,
                        retryable.failure().toString()),
                running -> line(key, Answer.IN_PROGRESS, null, null, micros, "retry after " + running.retryAfter()),
                doubt -> line(
                        key,
                        Answer.IN_DOUBT,
                        null,
                        null,
                        micros,
                        doubt.failure().toString()),
                conflict -> line(key, Answer.CONFLICT, null, null, micros, "the key was first used with another input"),
                unavailable -> line(
                        key,
                        Answer.UNAVAILABLE,
                        null,
                        null,
                        micros,
                        unavailable.reason().toString()),
                lost -> line(key, Answer.LEASE_LOST, null, null, micros, "attempt " + lost.number()));
    }

    private CallLine line(
            String key,
            Answer answer,
            @Nullable String origin,
            @Nullable String sha256,
            long micros,
            @Nullable String detail) {
        return new CallLine(worker, thread, key, answer, origin, sha256, micros, detail);
    }

    private static long micros(long startNanos) {
        return Duration.ofNanos(System.nanoTime() - startNanos).toNanos() / 1000;
    }
}
