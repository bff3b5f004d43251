package io.toolgate;

import static org.assertj.core.api.Assertions.assertThat;

import io.toolgate.store.contract.ModelDatabase;
import io.toolgate.store.contract.ModelStore;
import io.toolgate.store.contract.Race;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/** Builds gates, stores and actions on one model database, and closes them; runs calls on threads of their own. */
final class Gates implements AutoCloseable {
    static final Duration LONG = Duration.ofSeconds(20);
    static final IdempotencyKey KEY = IdempotencyKey.of("tenant", "order-981");

    final ModelDatabase database;
    private final List<AutoCloseable> open = new ArrayList<>();
    private final ExecutorService callers = Executors.newCachedThreadPool();

    Gates() {
        this(new ModelDatabase());
    }

    Gates(ModelDatabase database) {
        this.database = database;
    }

    /** A store on the database, as another process would open one. */
    ModelStore store() {
        return new ModelStore(database);
    }

    ToolGate gate(io.toolgate.store.IdempotencyStore store) {
        return gate(ToolGate.on(store).waitForInProgress(LONG));
    }

    ToolGate gate(ToolGate.Builder builder) {
        ToolGate gate = builder.drainTimeout(Duration.ofMillis(10)).build();
        open.add(gate);
        return gate;
    }

    /** An action on text that counts its runs and answers "receipt-1", "receipt-2" … */
    static PaidAction.Builder<String, String> counting(AtomicInteger runs) {
        return action((input, attempt) -> "receipt-" + runs.incrementAndGet());
    }

    static PaidAction.Builder<String, String> action(PaidAction.Run<String, String> run) {
        return PaidAction.<String, String>named("charge-card")
                .run(run)
                .codec(ResultCodec.text())
                .fingerprint(Fingerprint.text());
    }

    /** An action whose runs stop at {@code point} and then answer {@code result}. */
    static PaidAction.Builder<String, String> stoppingAt(Breakpoint point, String result) {
        return action((input, attempt) -> {
            point.stop();
            return result;
        });
    }

    /** Runs {@code call} on a thread of its own. */
    <T> Future<T> start(Callable<T> call) {
        return callers.submit(call);
    }

    /** Runs {@code call} on {@code count} threads that start together, and returns their results. */
    <T> List<T> together(int count, Callable<T> call) throws Exception {
        try (Race race = new Race(count)) {
            return race.run(Collections.nCopies(count, call));
        }
    }

    static <T> T get(Future<T> future) throws Exception {
        return future.get(30, TimeUnit.SECONDS);
    }

    static void await(CountDownLatch latch) {
        try {
            assertThat(latch.await(30, TimeUnit.SECONDS)).as("waited 30 s").isTrue();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    @Override
    public void close() throws Exception {
        for (AutoCloseable each : open) {
            each.close();
        }
        callers.shutdownNow();
    }
}
