package io.toolgate;

import io.toolgate.store.KeyHistory.Decision;
import io.toolgate.store.StoreException;
import java.time.Duration;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Receiver of a gate's events, with one method per kind of event; override those you need. What a listener throws is
 * logged and changes nothing. Implementations must be thread-safe.
 *
 * <p>Events of {@code execute} are delivered on the caller's thread, and the completion of a run only after its waiters
 * were woken: a slow listener delays that one caller. All other events, those of {@code executeAsync} and of
 * heartbeats, are delivered in order by one thread of the gate. If the listener falls 10,000 events behind, further
 * ones are dropped, and this is logged.
 */
public interface ToolGateListener {

    /**
     * The data common to all events. The key itself is left out, because events end up in logs and metrics.
     *
     * @param tenant the tenant of the key
     * @param action the name of the action
     * @param keyHash the record's id in the store, {@link io.toolgate.store.RecordId#toUuid()}
     * @param fence the number of the attempt, or 0 if the event belongs to none
     * @param version the version of the record, or 0 if it is not known
     * @param elapsed the time since the event's call began
     */
    record Event(String tenant, String action, UUID keyHash, long fence, long version, Duration elapsed) {}

    /** A call claimed the key and is about to run the action or its probe. */
    default void claimed(Event event) {}

    /** A call took the key over from an attempt whose effect is unknown. */
    default void takenOver(Event event) {}

    /** A run completed with a result, which is stored; {@code run} is how long the action took. */
    default void executed(Event event, Duration run) {}

    /** A probe confirmed the effect of an earlier attempt, which is stored. */
    default void recovered(Event event) {}

    /** A call received the stored result of another. */
    default void replayed(Event event) {}

    /** A run ended with a final failure, which is stored. */
    default void rejected(Event event, Failure failure) {}

    /** A run had no effect, and the key is released. */
    default void released(Event event, Failure failure) {}

    /** A run or a probe ended with its effect unknown. */
    default void inDoubt(Event event, Failure failure) {}

    /**
     * The reconciler used up its probes of a record without an answer: the record stays in doubt and is not probed
     * again. Called instead of {@link #inDoubt}.
     */
    default void quarantined(Event event, Failure failure) {}

    /** A decision about a record was applied: {@code operator} ended its doubt, supplied its result, or retired it. */
    default void decided(Event event, Decision decision, String operator) {}

    /** A call used a key with a different input. */
    default void conflicted(Event event) {}

    /** A call stopped waiting for another run after {@code waited}, with or without a result. */
    default void waited(Event event, Duration waited) {}

    /** A call's wait timed out before the run that it waited for completed, or before its own one had a thread. */
    default void waitTimedOut(Event event) {}

    /**
     * The lease of a live run was not renewed for half of its length; heartbeats go on. Told once, and again only after
     * it was renewed in between. What holds heartbeats up has the other half of the lease to end: after that another
     * process may take the key over.
     *
     * @param late how long ago the latest heartbeat that the store confirmed was sent
     */
    default void heartbeatLate(Event event, Duration late) {}

    /** A heartbeat found that the lease of a live run is lost, and {@code why}. */
    default void leaseLost(Event event, String why) {}

    /** A run returned {@code value} after it had lost its lease: the value was refused and will not be replayed. */
    default void staleResult(Event event, @Nullable Object value) {}

    /** A run took effect, and its result could not be stored or replayed. See {@link Outcome.Unavailable}. */
    default void resultUnavailable(Event event, Failure reason) {}

    /** The store failed while a run was being completed: the effect may have happened and is not recorded. */
    default void resultNotStored(Event event, RuntimeException failure) {}

    /** A heartbeat for {@code leases} leases failed and will be retried. */
    default void heartbeatFailed(int leases, StoreException failure) {}
}
