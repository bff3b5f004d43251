package io.toolgate.bench.rivals;

import com.github.kagkarlsson.scheduler.task.CompletionHandler;
import com.github.kagkarlsson.scheduler.task.ExecutionComplete;
import com.github.kagkarlsson.scheduler.task.ExecutionOperations;
import com.github.kagkarlsson.scheduler.task.helper.CustomTask;
import com.github.kagkarlsson.scheduler.task.helper.Tasks;
import java.sql.SQLException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The calls of this process, and the one-time task as which db-scheduler runs each. An effect cannot be sent to another
 * process, so the task puts a row that another process scheduled back, for that process. Safe for use by many threads.
 */
final class ScheduledCalls {
    private static final String TASK = "paid-action";
    /** Not at once: this process would poll first, again. */
    private static final Duration BACK_IN = Duration.ofMillis(5);

    private final ConcurrentMap<String, Call> calls = new ConcurrentHashMap<>();
    private final ResultTable results;

    ScheduledCalls(ResultTable results) {
        this.results = results;
    }

    /** The call of a key that the callers in this process share. */
    static final class Call {
        private final Supplier<String> effect;
        private final CompletableFuture<String> result = new CompletableFuture<>();
        /** Set by the scheduler's thread, read by callers: whether the result is going to come from here. */
        private volatile boolean runsHere;

        private Call(Supplier<String> effect) {
            this.effect = effect;
        }

        /** The stored result, once this process has it. */
        CompletableFuture<String> result() {
            return result;
        }

        boolean runsHere() {
            return runsHere;
        }
    }

    /** The key's call in this process, a new one for this effect if there is none. */
    Call join(String key, Supplier<String> effect) {
        return calls.computeIfAbsent(key, ignored -> new Call(effect));
    }

    void leave(String key, Call call) {
        calls.remove(key, call);
    }

    CustomTask<Void> task() {
        return Tasks.custom(TASK, Void.class)
                .onFailure(this::failed)
                .execute((instance, context) -> execute(instance.getId()));
    }

    private CompletionHandler<Void> execute(String key) {
        @Nullable Call call = calls.get(key);
        // A run's row goes when it ends: a caller that looked for the result just before scheduled the key anew.
        @Nullable String result = find(key);
        if (call == null && result == null) {
            return (done, operations) ->
                    operations.reschedule(done, done.getTimeDone().plus(BACK_IN));
        }
        if (call != null) {
            call.result.complete(result == null ? run(key, call) : result);
        }
        return new CompletionHandler.OnCompleteRemove<>();
    }

    private String run(String key, Call call) {
        call.runsHere = true;
        String result = call.effect.get();
        try {
            results.add(key, result);
        } catch (SQLException e) {
            throw new IllegalStateException(key + " ran, and its result cannot be stored", e);
        }
        return result;
    }

    private @Nullable String find(String key) {
        try {
            return results.find(key);
        } catch (SQLException e) {
            throw new IllegalStateException("cannot tell whether " + key + " ran", e);
        }
    }

    /** The row goes, so that the next caller tries again. */
    private void failed(ExecutionComplete done, ExecutionOperations<Void> operations) {
        operations.stop();
        @Nullable Call call = calls.get(done.getExecution().taskInstance.getId());
        if (call != null) {
            call.result.completeExceptionally(
                    done.getCause().orElseGet(() -> new IllegalStateException("failed without a cause")));
        }
    }
}
