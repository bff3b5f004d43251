package io.toolgate.race.action;

import io.toolgate.PaidAction;
import io.toolgate.Recovery;
import io.toolgate.race.checker.Terms;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * What a race wants of the action under test; {@link #apply} sets it all.
 *
 * @param name that the action must have, so that its records meet nobody else's
 * @param recovery that it must declare
 * @param lease that it must ask for
 */
public record ActionTerms(String name, Terms.Recovery recovery, Duration lease) {
    /** How long records of a run are kept: if it is killed before it can remove them, they may be purged soon. */
    public static final Duration RETENTION = Duration.ofHours(1);

    /** A race claims keys anew so often that the usual limit would end recoveries which are under test. */
    private static final int ATTEMPTS = 1000;

    /**
     * A builder with the name, lease, retention, attempts and recovery of the race.
     *
     * @param probe that asks the provider, used if the race probes
     */
    public <I extends @Nullable Object, R extends @Nullable Object> PaidAction.Builder<I, R> apply(
            Recovery.Probe<R> probe) {
        Recovery<R> declared = switch (recovery) {
            case HOLD -> Recovery.hold();
            case PROBE -> Recovery.probe(probe);
            case RERUN -> Recovery.rerun();
        };
        return PaidAction.<I, R>named(name)
                .recovery(declared)
                .lease(lease)
                .retention(RETENTION)
                .maxAttempts(ATTEMPTS);
    }
}
