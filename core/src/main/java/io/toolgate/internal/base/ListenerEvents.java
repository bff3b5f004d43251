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
 * Tells a listener, and keeps whatever it throws away from the run. A blocking call tells on its own thread, so that a slow
 * listener delays that caller only; what the gate's own threads have to tell goes through one thread that does nothing else.
 */
public final class ListenerEvents {
    private static final Logger log = LoggerFactory.getLogger(ListenerEvents.class);

    private final @Nullable ToolGateListener listener;
    private final Executor executor;

    private ListenerEvents(@Nullable ToolGateListener listener, Executor executor) {
        this.listener = listener;
        this.executor = executor;
    }

    /** Tells {@code listener}, if there is one, on the thread that has something to tell. */
    public static ListenerEvents inline(@Nullable ToolGateListener listener) {
        return new ListenerEvents(listener, Runnable::run);
    }

    /** The same listener, told by {@code thread}. */
    public ListenerEvents by(Executor thread) {
        return new ListenerEvents(listener, thread);
    }

    public void tell(Consumer<ToolGateListener> event) {
        ToolGateListener told = listener;
        if (told == null) {
            return;
        }
        try {
            executor.execute(() -> tellNow(told, event));
        } catch (RejectedExecutionException e) {
            log.warn("An event was dropped: the listener of type {} is slow, or the gate is closed", told.getClass());
        }
    }

    public void tell(RecordId id, long fence, long version, long startedNanos, EventConsumer event) {
        // Nothing is made unless somebody listens: an event costs a hash of the key.
        if (listener != null) {
            Duration elapsed = Duration.ofNanos(System.nanoTime() - startedNanos);
            tell(l -> event.accept(l, new Event(id.tenant(), id.action(), id.toUuid(), fence, version, elapsed)));
        }
    }

    private static void tellNow(ToolGateListener listener, Consumer<ToolGateListener> event) {
        try {
            event.accept(listener);
        } catch (Throwable e) {
            // Whatever it is: a run must not fail, nor a wait hang, because somebody who only looks on did.
            log.warn("A listener of type {} threw; the run goes on as if it had not", listener.getClass(), e);
        }
    }

    @FunctionalInterface
    public interface EventConsumer {
        void accept(ToolGateListener listener, Event event);
    }
}
