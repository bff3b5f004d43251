package io.toolgate;

import io.toolgate.store.KeyHistory.Decision;
import io.toolgate.store.StoreException;
import java.time.Duration;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Is told what a gate does, one method for each kind of event; override those you want. What a listener throws is logged
 * and changes nothing. For {@code execute}, methods are called on the caller's thread, and the end of a run is told when all
 * who wait for it know: a slow listener delays that caller only. Everything else, {@code executeAsync} and heartbeats, is
 * told by one thread of the gate's, in order; if the listener falls 10,000 events behind, further ones are dropped, and
 * logged. Methods are called by many threads at once.
 */
public interface ToolGateListener {

    /**
     * What all events tell. The key itself stays out, since events end up in logs and metrics.
     *
     * @param tenant of the key
     * @param action its name
     * @param keyHash the record's id, by which the store knows the key
     * @param fence the number of the attempt, or 0 where the event has none
     * @param version of the record, or 0 where the event does not know it
     * @param elapsed since the call that the event belongs to began
     */
    record Event(String tenant, String action, UUID keyHash, long fence, long version, Duration elapsed) {}

    /** A call owns the key and is about to run, or to probe. */
    default void claimed(Event event) {}

    /** A call took the key over from an attempt that may have had its effect. */
    default void takenOver(Event event) {}

    /** A run ended with a result, which is stored; {@code run} is how long the action took. */
    default void executed(Event event, Duration run) {}

    /** A probe found the effect, which is stored. */
    default void recovered(Event event) {}

    /** A call was given what another had stored. */
    default void replayed(Event event) {}

    /** A run was rejected for good, which is stored. */
    default void rejected(Event event, Failure failure) {}

    /** A run had no effect, and the key is free again. */
    default void released(Event event, Failure failure) {}

    /** A run, or a probe, ended without knowing whether the effect happened. */
    default void inDoubt(Event event, Failure failure) {}

    /**
     * The reconciler has asked about a key as often as it may without learning anything: the record stays in doubt, and nobody
     * asks again. Told instead of {@link #inDoubt}.
     */
    default void quarantined(Event event, Failure failure) {}

    /** Somebody decided about a record: {@code operator} resolved its doubt, or retired it. */
    default void decided(Event event, Decision decision, String operator) {}

    /** A call came with another input than its key belongs to. */
    default void conflicted(Event event) {}

    /** A call waited for another run, for {@code waited}, whatever came of it. */
    default void waited(Event event, Duration waited) {}

    /** A call's wait was over before the run it waited for. */
    default void waitTimedOut(Event event) {}

    /** A heartbeat was told that its lease is lost, while the run still goes on. */
    default void leaseLost(Event event) {}

    /** A run ended with {@code value} after it had lost its lease: the value was refused and will not be replayed. */
    default void staleResult(Event event, @Nullable Object value) {}

    /** A run's effect happened, and its result could not be stored or replayed. */
    default void resultUnavailable(Event event, Failure reason) {}

    /** The store failed while {@code event}'s call ended its run: the effect may have happened and is not recorded. */
    default void resultNotStored(Event event, RuntimeException failure) {}

    /** A round of heartbeats for {@code leases} leases failed; it is tried again. */
    default void heartbeatFailed(int leases, StoreException failure) {}
}
