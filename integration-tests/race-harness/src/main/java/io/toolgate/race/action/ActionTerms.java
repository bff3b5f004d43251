package io.toolgate.race.action;

import io.toolgate.PaidAction;
import io.toolgate.Recovery;
import io.toolgate.race.checker.Terms;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * The properties that a race requires of the action under test; {@link #apply} sets them.
 *
 * @param name that the action must have, so that no other run has its records
 * @param recovery that it must declare
 * @param lease that it must ask for
 */
public record ActionTerms(String name, Terms.Recovery recovery, Duration lease) {
    /** How long records of a run are kept: if it is killed before it can remove them, they may be purged soon. */
    public static final Duration RETENTION = Duration.ofHours(1);

    /** Races claim a key again so often that the default limit would end recoveries that are under test. */
    private static final int ATTEMPTS = 1000;

    /**
     * A builder with the name, lease, retention, attempts and recovery of the race.
     *
     * @param probe for a race with {@code Recovery.probe}
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
