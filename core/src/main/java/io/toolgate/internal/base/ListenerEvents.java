package io.toolgate.internal.base;

import io.toolgate.ToolGateListener;
import io.toolgate.ToolGateListener.Event;
import io.toolgate.store.RecordId;
import java.time.Duration;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Delivers events to a gate's listener, and contains whatever it throws. A blocking call reports on its own thread, so
 * that a slow listener delays that caller only; events of the gate's own threads go through one thread that does
 * nothing else.
 */
public final class ListenerEvents {
    private static final Logger log = LoggerFactory.getLogger(ListenerEvents.class);

    private final @Nullable ToolGateListener listener;
    private final Executor executor;

    /** A call of a listener's method, which is given the event. */
    @FunctionalInterface
    public interface EventConsumer {
        /** Calls the method. */
        void accept(ToolGateListener listener, Event event);
    }

    private ListenerEvents(@Nullable ToolGateListener listener, Executor executor) {
        this.listener = listener;
        this.executor = executor;
    }

    /** Delivers to {@code listener}, if there is one, on the reporting thread. */
    public static ListenerEvents inline(@Nullable ToolGateListener listener) {
        return new ListenerEvents(listener, Runnable::run);
    }

    /** Delivers to the same listener on {@code executor}. */
    public ListenerEvents on(Executor executor) {
        return new ListenerEvents(listener, executor);
    }

    /** Reports something that is not about one key. */
    public void report(Consumer<ToolGateListener> event) {
        ToolGateListener target = listener;
        if (target == null) {
            return;
        }
        try {
            executor.execute(() -> deliver(target, event));
        } catch (RejectedExecutionException e) {
            log.warn(
                    "A listener event was dropped: the event queue is full because listener {} is slow, or the gate is"
                            + " closed",
                    target.getClass().getName());
        }
    }

    /** Reports an event of the record {@code id}; {@code startedNanos} is when its call, or its attempt, started. */
    public void report(RecordId id, long fence, long version, long startedNanos, EventConsumer event) {
        // An event costs a hash of the key: none is made without a listener.
        if (listener != null) {
            Duration elapsed = Duration.ofNanos(System.nanoTime() - startedNanos);
            report(l -> event.accept(l, new Event(id.tenant(), id.action(), id.toUuid(), fence, version, elapsed)));
        }
    }

    private static void deliver(ToolGateListener listener, Consumer<ToolGateListener> event) {
        try {
            event.accept(listener);
        } catch (Throwable e) {
            // Even an Error: neither a run nor a wait may fail because an observer did.
            log.warn(
                    "Listener {} threw an exception; the run is not affected",
                    listener.getClass().getName(),
                    e);
        }
    }
}
