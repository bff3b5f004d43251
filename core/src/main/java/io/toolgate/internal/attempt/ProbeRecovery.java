package io.toolgate.internal.attempt;

import io.toolgate.Failure;
import io.toolgate.Outcome.Origin;
import io.toolgate.PaidAction;
import io.toolgate.ProbeResult;
import io.toolgate.Recovery;
import io.toolgate.internal.base.StopSignal;
import io.toolgate.store.ClaimMachine;
import io.toolgate.store.ClaimOutcome.Previous;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Asks an action's probe about the attempt before this one, writes down what it said, and does what follows from that. */
public final class ProbeRecovery<R extends @Nullable Object> {
    private static final Logger log = LoggerFactory.getLogger(ProbeRecovery.class);

    private final AttemptContext context;
    private final PaidAction<?, R> action;
    private final AttemptCompletion<R> ends;
    private final @Nullable Asking asking;

    /**
     * An inquiry.
     *
     * @param asking null for a call, whose asks are not counted
     */
    ProbeRecovery(AttemptContext context, PaidAction<?, R> action, AttemptCompletion<R> ends, @Nullable Asking asking) {
        this.context = context;
        this.action = action;
        this.ends = ends;
        this.asking = asking;
    }

    /**
     * Asks.
     *
     * @param notHappened what to do if there was no effect
     * @param stopped what to do if the order to stop came before an answer
     */
    Led<R> ask(
            Recovery.Probe<R> probe,
            LiveAttempt attempt,
            Previous previous,
            Supplier<Led<R>> notHappened,
            Supplier<Led<R>> stopped) {
        StopSignal stop = asking == null ? new StopSignal() : asking.stop();
        Prober.Answer<R> answer = new Prober<>(context, action).ask(probe, attempt, stop);
        if (asking != null && answer.isCut()) {
            return stopped.get();
        }
        boolean unknown = answer.result() instanceof ProbeResult.Unknown<R>;
        int asked = ProbeNote.of(attempt.marks().own(ProbeNote.NAME)).asked() + (unknown && asking != null ? 1 : 0);
        // Before anything follows from it, so that the journal shows why the next thing was done.
        attempt.marks().note(ProbeNote.NAME, new ProbeNote(answer.word(), asked).text());
        Function<R, Led<R>> happened = result -> ends.completed(attempt, result, Origin.RECOVERED, 0);
        return answer.result().fold(happened, notHappened, () -> unknown(attempt, previous, answer, asked));
    }

    private Led<R> unknown(LiveAttempt attempt, Previous previous, Prober.Answer<R> answer, int asked) {
        Failure before = previous.failure();
        String why = answer.why() + "; attempt " + previous.fence() + " before it "
                + (before == null ? "vanished" : "ended with " + before.code() + ": " + before.message());
        boolean usedUp = asking != null && asked >= asking.maxAsks();
        Failure failure = usedUp
                ? Failure.of(
                        Failure.Kind.UNKNOWN,
                        ClaimMachine.QUARANTINED,
                        "the reconciler asked " + asked + " times and leaves this to a person; " + why)
                : Failure.unknown(AttemptRunner.PROBE_UNKNOWN, why);
        Led<R> led = ends.failed(attempt, failure);
        if (usedUp) {
            log.warn("{} is in quarantine: {}. Look it up at the provider and resolve it", attempt, failure.message());
        }
        if (answer.thrown() instanceof Error error) {
            if (asking == null) {
                throw error;
            }
            // An error of one record's probe must not end the pass over all others.
            log.warn("The probe of {} threw an error; the pass goes on", attempt, error);
        }
        return led;
    }
}
