package io.toolgate.race.checker;

import io.toolgate.race.checker.KeyHistory.Effect;
import io.toolgate.race.checker.Terms.Recovery;
import io.toolgate.race.history.Deed;
import io.toolgate.race.provider.LedgerLine;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Explanation of why a provider without deduplication charged a key again.
 *
 * <p>The window: an owner checks its ownership successfully and is frozen before its request is charged. Meanwhile its
 * lease ends and another attempt takes over, whose probe correctly answers "not happened". No system of leases alone
 * closes this window. A charge is explained by it if its attempt last checked before the takeover was answered, was
 * charged after the takeover was sent, and its process did not run for a good part of a lease in between.
 *
 * <p>In flight: the owner died after it had sent its request, and the provider took so long to charge that the lease
 * had ended and the successor's probe was answered "not happened" before. A provider slower than the lease makes its
 * own probe unreliable.
 */
final class FurtherCharges {
    /** Explanation of the further charges. */
    enum Cause {
        /** All further charges fell into the window. */
        WINDOW,
        /** Besides those in the window, some were in flight when their owners were killed. */
        IN_FLIGHT,
        /** A rerun was declared safe that is not safe with this provider. */
        RERUN,
        /** Unexplained: a violation. */
        NONE
    }

    private final Terms terms;
    private final Limits limits;
    private final Stalls stalls;
    private final List<Deed.Killed> kills;

    FurtherCharges(Terms terms, Limits limits, Stalls stalls, List<Deed> deeds) {
        this.kills = deeds.stream()
                .filter(Deed.Killed.class::isInstance)
                .map(Deed.Killed.class::cast)
                .toList();
        this.terms = terms;
        this.limits = limits;
        this.stalls = stalls;
    }

    /** Explains the further charges of {@code dossier}. */
    Cause cause(Dossier dossier) {
        if (terms.dedupes() || terms.recovery() == Recovery.HOLD) {
            return Cause.NONE;
        }
        Set<Tenure> attempts = new HashSet<>();
        List<Tenure> others = new ArrayList<>();
        boolean inFlight = false;
        for (LedgerLine charge : dossier.charges()) {
            Effect effect = effect(dossier.history(), charge);
            Tenure attempt = effect == null ? null : effect.tenure();
            if (effect == null || attempt == null || !attempts.add(attempt)) {
                // A charge of no known attempt, or a second one of the same attempt.
                return Cause.NONE;
            }
            boolean late = isLate(dossier.history(), effect, attempt, charge.nanos());
            boolean orphaned = late && isOrphaned(effect, charge.nanos());
            if (!orphaned && !(late && stoodStill(effect, attempt, charge.nanos()))) {
                others.add(attempt);
            }
            inFlight |= orphaned;
        }
        if (others.size() <= 1) {
            return inFlight ? Cause.IN_FLIGHT : Cause.WINDOW;
        }
        others.sort(Comparator.comparingLong(Tenure::fence));
        boolean declared = terms.recovery() == Recovery.RERUN
                && others.subList(1, others.size()).stream().allMatch(Tenure::tookOver);
        return declared ? Cause.RERUN : Cause.NONE;
    }

    private static @Nullable Effect effect(KeyHistory history, LedgerLine charge) {
        return history.effects().stream()
                .filter(effect -> effect.request().equals(charge.request()))
                .findFirst()
                .orElse(null);
    }

    /** Whether an owner that had checked its ownership was charged only after a takeover from it. */
    private static boolean isLate(KeyHistory history, Effect effect, Tenure attempt, long charged) {
        Tenure takeover = history.tenures().stream()
                .filter(tenure -> tenure.fence() > attempt.fence())
                .min(Comparator.comparingLong(Tenure::fence))
                .orElse(null);
        return takeover != null
                && takeover.tookOver()
                && effect.ensuredSent() != Long.MIN_VALUE
                && effect.ensuredSent() < takeover.answered()
                && charged > takeover.sent();
    }

    private boolean stoodStill(Effect effect, Tenure attempt, long charged) {
        return stalls.of(attempt.place().process()).nanosWithin(effect.ensuredSent(), charged)
                >= limits.leaseNanos() / 3;
    }

    /** Whether the process that sent the request was killed before the provider charged. */
    private boolean isOrphaned(Effect effect, long charged) {
        return kills.stream()
                .anyMatch(kill -> kill.process() == effect.place().process()
                        && kill.life() == effect.place().life()
                        && kill.sentNanos() < charged);
    }
}
