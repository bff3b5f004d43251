package io.toolgate.cli.output;

import java.io.PrintWriter;
import java.time.Duration;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** A line on the terminal that shows what a long command is doing, and for how long. Closing it erases the line. */
public final class Progress implements AutoCloseable {
    private static final Duration TICK = Duration.ofMillis(500);

    private final @Nullable Line line;

    private Progress(@Nullable Line line) {
        this.line = line;
    }

    /** A line that is never shown, for commands without a terminal. */
    public static Progress hidden() {
        return new Progress(null);
    }

    /** A line on {@code err} that appears after {@code delay}. */
    public static Progress shown(PrintWriter err, Duration delay, String step) {
        return new Progress(new Line(err, delay, step));
    }

    /** Sets what the command is doing from now on. */
    public void step(String now) {
        if (line != null) {
            line.step = now;
        }
    }

    @Override
    public void close() {
        if (line != null) {
            line.erase();
        }
    }

    /** The line, and the thread that keeps it current. */
    private static final class Line {
        private final PrintWriter err;
        private final long startNanos = System.nanoTime();
        private final ScheduledExecutorService ticker;
        private volatile String step;

        private Line(PrintWriter err, Duration delay, String step) {
            this.err = err;
            this.step = step;
            this.ticker = Executors.newSingleThreadScheduledExecutor(work -> {
                Thread thread = new Thread(work, "toolgate-progress");
                thread.setDaemon(true);
                return thread;
            });
            var unused =
                    ticker.scheduleAtFixedRate(this::show, delay.toMillis(), TICK.toMillis(), TimeUnit.MILLISECONDS);
        }

        private void show() {
            Duration elapsed = Duration.ofNanos(System.nanoTime() - startNanos);
            // Back to the start of the line; then the rest of the line is erased.
            err.print("\r" + step + " … " + Times.shown(elapsed) + "\u001b[K");
            err.flush();
        }

        private void erase() {
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
}
