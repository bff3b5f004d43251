package io.toolgate.internal;

import io.toolgate.ToolGateListener;
import io.toolgate.ToolGateListener.Event;
import io.toolgate.store.RecordId;
import java.time.Duration;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Tells a listener, and keeps whatever it throws away from the run. */
final class Events {
    private static final Logger log = LoggerFactory.getLogger(Events.class);

    private final @Nullable ToolGateListener listener;

    Events(@Nullable ToolGateListener listener) {
        this.listener = listener;
    }

    void tell(Consumer<ToolGateListener> event) {
        if (listener == null) {
            return;
        }
        try {
            event.accept(listener);
        } catch (Exception | LinkageError | AssertionError | StackOverflowError e) {
            log.warn(
                    "A listener of type {} threw; the run goes on as if it had not",
                    listener.getClass().getName(),
                    e);
        }
    }

    void tell(RecordId id, long fence, long version, long startedNanos, EventConsumer event) {
        // The event is made only if somebody listens: it costs a hash of the key.
        tell(l -> event.accept(
                l,
                new Event(
                        id.tenant(),
                        id.action(),
                        id.toUuid(),
                        fence,
                        version,
                        Duration.ofNanos(System.nanoTime() - startedNanos))));
    }

    @FunctionalInterface
    interface EventConsumer {
        void accept(ToolGateListener listener, Event event);
    }
}
