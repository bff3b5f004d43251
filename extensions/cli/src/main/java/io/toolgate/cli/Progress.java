package io.toolgate.cli;

import java.io.PrintWriter;
import java.time.Duration;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** Says on a terminal what a long piece of work is doing, once it lasts longer than people like to wait. */
final class Progress implements AutoCloseable {
    private static final Duration TICK = Duration.ofMillis(500);

    private final PrintWriter err;
    private final long began = System.nanoTime();
    private final @Nullable ScheduledExecutorService ticker;
    private volatile String doing;

    private Progress(PrintWriter err, String doing, @Nullable ScheduledExecutorService ticker) {
        this.err = err;
        this.doing = doing;
        this.ticker = ticker;
    }

    /** Begins; without a terminal nothing is ever said. */
    static Progress of(Environment environment, String doing) {
        if (environment.terminal() == null) {
            return new Progress(environment.err(), doing, null);
        }
        ScheduledExecutorService ticker = Executors.newSingleThreadScheduledExecutor(work -> {
            Thread thread = new Thread(work, "toolgate-progress");
            thread.setDaemon(true);
            return thread;
        });
        Progress progress = new Progress(environment.err(), doing, ticker);
        var unused = ticker.scheduleAtFixedRate(
                progress::say, environment.patience().toMillis(), TICK.toMillis(), TimeUnit.MILLISECONDS);
        return progress;
    }

    /** What is being done from now on. */
    void doing(String now) {
        doing = now;
    }

    private void say() {
        Duration since = Duration.ofNanos(System.nanoTime() - began);
        // The cursor goes to the line's begin and the rest of the line is erased.
        err.print("\r" + doing + " … " + Times.shown(since) + "\u001b[K");
        err.flush();
    }

    @Override
    public void close() {
        if (ticker == null) {
            return;
        }
        ticker.shutdownNow();
        try {
            if (ticker.awaitTermination(1, TimeUnit.SECONDS)) {
                err.print("\r\u001b[K");
                err.flush();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
