package io.toolgate.internal.attempt;

import io.toolgate.Failure;
import io.toolgate.store.ClaimMachine;
import io.toolgate.store.ClaimOutcome.Previous;
import io.toolgate.store.IdempotencyStore;
import io.toolgate.store.RecordState;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Gives back claims whose action never started, as well as can be; where that fails, the record falls into doubt. */
public final class Handback {
    private static final Logger log = LoggerFactory.getLogger(Handback.class);

    /** The code of the failure of a claim that was given back before the action began. */
    static final String NOT_STARTED = "not-started";

    private final IdempotencyStore store;

    Handback(IdempotencyStore store) {
        this.store = store;
    }

    /** Gives {@code attempt} back; {@code doubt} is the attempt before it, if its effect is unknown still. */
    void release(LiveAttempt attempt, @Nullable Previous doubt) {
        giveBack(
                attempt,
                doubt == null
                        ? Failure.notExecuted(NOT_STARTED, "attempt " + attempt.number() + " did not start the action")
                        : doubtOf(doubt));
    }

    /**
     * Gives a claim back that took what nobody had asked for. What had come to its end, or was not there any more, is left such
     * that the next claim begins anew with whatever input: this one's fingerprint belongs to a record that is gone.
     */
    void asFound(LiveAttempt attempt, @Nullable Previous previous) {
        Failure before = previous == null ? null : previous.failure();
        if (previous != null && previous.effectUnknown()) {
            giveBack(attempt, doubtOf(previous));
        } else if (previous != null && previous.state() == RecordState.RETRYABLE && before != null) {
            giveBack(attempt, before);
        } else {
            giveBack(
                    attempt,
                    Failure.of(
                            Failure.Kind.NOT_EXECUTED,
                            ClaimMachine.RETIRED,
                            "the record that was looked at is gone; the key is free"));
        }
    }

    private void giveBack(LiveAttempt attempt, Failure failure) {
        attempt.markEnding();
        // An interrupt must not keep the claim from being given back.
        boolean interrupted = Thread.interrupted();
        try {
            var unused = store.fail(attempt.lease(), failure);
        } catch (RuntimeException e) {
            log.warn("{} never started its action, and its claim could not be given back", attempt, e);
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    /** The doubt that an attempt left which failed without knowing, or vanished. */
    static Failure doubtOf(Previous doubt) {
        Failure failure = doubt.failure();
        return failure != null
                ? failure
                : Failure.unknown(
                        ClaimMachine.OWNER_VANISHED, "attempt " + doubt.fence() + " ended its lease without a result");
    }
}
