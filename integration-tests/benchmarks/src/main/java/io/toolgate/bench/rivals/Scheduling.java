package io.toolgate.bench.rivals;

import com.github.kagkarlsson.scheduler.Scheduler;
import com.github.kagkarlsson.scheduler.task.helper.CustomTask;
import com.zaxxer.hikari.HikariDataSource;
import io.toolgate.bench.contender.Contender;
import java.time.Instant;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** A scheduler that is started, and the calls it runs. */
record Scheduling(
        HikariDataSource pool, Scheduler scheduler, CustomTask<Void> task, ScheduledCalls calls, ResultTable results)
        implements Contender {
    @Override
    public String call(String key, Supplier<String> effect) throws Exception {
        @Nullable String finished = results.find(key);
        if (finished != null) {
            return finished;
        }
        ScheduledCalls.Call call = calls.join(key, effect);
        try {
            // Whether the row is new or was there makes no difference: either this process runs it or another.
            scheduler.scheduleIfNotExists(task.instance(key), Instant.now());
            return await(key, call);
        } finally {
            calls.leave(key, call);
        }
    }

    /** Woken by a run in this process; reads the result table unless there is one, as it may run in another. */
    private String await(String key, ScheduledCalls.Call call) throws Exception {
        long began = System.nanoTime();
        while (System.nanoTime() - began < Waiting.LIMIT.toNanos()) {
            try {
                return call.result().get(Waiting.POLL.toMillis(), TimeUnit.MILLISECONDS);
            } catch (TimeoutException stillRunning) {
                @Nullable String stored = call.runsHere() ? null : results.find(key);
                if (stored != null) {
                    return stored;
                }
            }
        }
        throw Waiting.timeout(key);
    }

    @Override
    public void close() {
        scheduler.stop();
        pool.close();
    }
}
