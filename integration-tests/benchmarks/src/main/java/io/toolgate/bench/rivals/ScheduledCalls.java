package io.toolgate.bench.rivals;

import com.github.kagkarlsson.scheduler.task.CompletionHandler;
import com.github.kagkarlsson.scheduler.task.ExecutionComplete;
import com.github.kagkarlsson.scheduler.task.ExecutionOperations;
import com.github.kagkarlsson.scheduler.task.helper.CustomTask;
import com.github.kagkarlsson.scheduler.task.helper.Tasks;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * What callers in this process want run, and the task that db-scheduler runs it as. A scheduler picks up what other processes
 * scheduled as well, and an effect cannot be sent there: it puts such a row back for the process that knows it. Safe for use by
 * many threads.
 */
final class ScheduledCalls {
    private static final String TASK = "paid-action";
    /** When a finished task is due: never. */
    private static final Instant NEVER = Instant.parse("9999-01-01T00:00:00Z");
    /** Long enough for the other process to look first. */
    private static final Duration BACK_IN = Duration.ofMillis(20);

    private final ConcurrentMap<String, Call> calls = new ConcurrentHashMap<>();

    /** The call of a key that the callers in this process share. */
    static final class Call {
        private final Supplier<String> effect;
        private final CompletableFuture<String> result = new CompletableFuture<>();
        /** Set by the scheduler's thread, read by callers: whether the result is going to come from here. */
        private volatile boolean runsHere;

        private Call(Supplier<String> effect) {
            this.effect = effect;
        }

        CompletableFuture<String> result() {
            return result;
        }

        boolean runsHere() {
            return runsHere;
        }
    }

    /** The key's call, a new one for this effect if nobody in this process is calling. */
    Call join(String key, Supplier<String> effect) {
        return calls.computeIfAbsent(key, ignored -> new Call(effect));
    }

    void leave(String key, Call call) {
        calls.remove(key, call);
    }

    CustomTask<String> task() {
        return Tasks.custom(TASK, String.class)
                .onFailure(this::failed)
                .execute((instance, context) -> execute(instance.getId()));
    }

    private CompletionHandler<String> execute(String key) {
        @Nullable Call call = calls.get(key);
        if (call == null) {
            return (done, operations) ->
                    operations.reschedule(done, done.getTimeDone().plus(BACK_IN));
        }
        call.runsHere = true;
        String result = call.effect.get();
        return (done, operations) -> {
            operations.reschedule(done, NEVER, result);
            call.result.complete(result);
        };
    }

    /** The row goes, so that the next caller tries again. */
    private void failed(ExecutionComplete done, ExecutionOperations<String> operations) {
        operations.stop();
        @Nullable Call call = calls.get(done.getExecution().taskInstance.getId());
        if (call != null) {
            call.result.completeExceptionally(
                    done.getCause().orElseGet(() -> new IllegalStateException("failed without a cause")));
        }
    }
}
