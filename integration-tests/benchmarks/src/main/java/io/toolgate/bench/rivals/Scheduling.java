package io.toolgate.bench.rivals;

import com.github.kagkarlsson.scheduler.Scheduler;
import com.github.kagkarlsson.scheduler.task.TaskInstance;
import com.github.kagkarlsson.scheduler.task.helper.CustomTask;
import com.zaxxer.hikari.HikariDataSource;
import io.toolgate.bench.contender.Contender;
import java.time.Instant;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** A scheduler that is started, and the calls it runs. */
record Scheduling(HikariDataSource pool, Scheduler scheduler, CustomTask<String> task, ScheduledCalls calls)
        implements Contender {
    @Override
    public String call(String key, Supplier<String> effect) throws Exception {
        ScheduledCalls.Call call = calls.join(key, effect);
        try {
            TaskInstance<String> instance = task.instance(key);
            if (!scheduler.scheduleIfNotExists(instance, Instant.now())) {
                @Nullable String stored = stored(instance);
                if (stored != null) {
                    return stored;
                }
            }
            return await(instance, call);
        } finally {
            calls.leave(key, call);
        }
    }

    /** Woken by a run in this process, reading the row as long as there is none: it may run in another. */
    private String await(TaskInstance<String> instance, ScheduledCalls.Call call) throws Exception {
        long began = System.nanoTime();
        while (System.nanoTime() - began < Waiting.LIMIT.toNanos()) {
            try {
                return call.result().get(Waiting.POLL.toMillis(), TimeUnit.MILLISECONDS);
            } catch (TimeoutException stillRunning) {
                @Nullable String stored = call.runsHere() ? null : stored(instance);
                if (stored != null) {
                    return stored;
                }
            }
        }
        throw Waiting.timeout(instance.getId());
    }

    /** The result, or null as long as the task is not done. */
    private @Nullable String stored(TaskInstance<String> instance) {
        return scheduler
                .getScheduledExecution(instance)
                .map(execution -> (String) execution.getData())
                .orElse(null);
    }

    @Override
    public void close() {
        scheduler.stop();
        pool.close();
    }
}
