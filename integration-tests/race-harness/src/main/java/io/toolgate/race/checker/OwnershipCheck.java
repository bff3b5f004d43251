package io.toolgate.race.checker;

import io.toolgate.race.checker.KeyHistory.Doubt;
import io.toolgate.race.checker.Violation.Kind;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * Check of rule 1: at most one claim of a key is valid at a time. A claim violates it if it came after the owner's
 * claim, by the database's order (a higher fence) or by the clock (sent after that was answered), and was acquired
 * while the owner's lease was still valid. So does a claim that put the record in doubt meanwhile.
 */
final class OwnershipCheck implements Check {
    private final Limits limits;
    private final Findings findings;

    OwnershipCheck(Limits limits, Findings findings) {
        this.limits = limits;
        this.findings = findings;
    }

    @Override
    public void check(Dossier dossier) {
        for (Tenure owner : dossier.history().tenures()) {
            checkClaims(dossier.key(), owner, dossier.history().tenures());
            for (Doubt doubt : dossier.history().doubts()) {
                if (intrudes(owner, doubt.fence() >= owner.fence(), doubt.sent(), doubt.answered())) {
                    intruded(dossier.key(), owner, "put in doubt (" + doubt.place() + ")", doubt.answered());
                    break;
                }
            }
        }
    }

    private void checkClaims(String key, Tenure owner, List<Tenure> tenures) {
        for (Tenure other : tenures) {
            if (other.token().equals(owner.token())) {
                continue;
            }
            // In the order of the tokens, so that each pair is reported once.
            if (other.fence() == owner.fence() && owner.token().compareTo(other.token()) < 0) {
                findings.add(
                        Kind.TWO_OWNERS,
                        key,
                        "fence " + owner.fence() + " was given to " + owner.place() + " and to " + other.place());
                return;
            }
            if (intrudes(owner, other.fence() > owner.fence(), other.sent(), other.answered())) {
                intruded(key, owner, "given to " + other, other.answered());
                return;
            }
        }
    }

    private boolean intrudes(Tenure owner, boolean later, long sent, long answered) {
        return (later ? answered >= owner.sent() : sent >= owner.answered())
                && answered < owner.completionSent()
                && answered < owner.leaseUntil() - limits.clockToleranceNanos();
    }

    private void intruded(String key, Tenure owner, String how, long answered) {
        long tooEarly = TimeUnit.NANOSECONDS.toMillis(Math.min(owner.completionSent(), owner.leaseUntil()) - answered);
        findings.add(
                Kind.TWO_OWNERS, key, how + " " + tooEarly + " ms before " + owner + " completed or its lease ended");
    }
}
