package io.toolgate.race.checker;

import io.toolgate.race.checker.KeyHistory.Doubt;
import io.toolgate.race.checker.Violation.Kind;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * Rule 1: no two claims of one key were valid at a time. A second claim that was answered while the owner still believed in
 * its own, and that came after that one by the database's order (a higher fence) or by the clock's (sent after it was
 * answered), got what it should not have got. A claim that put the record in doubt took it from its owner just so.
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
            // In the order of the tokens, so that a pair is told once.
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
                && answered < owner.endSent()
                && answered < owner.leaseUntil() - limits.clockToleranceNanos();
    }

    private void intruded(String key, Tenure owner, String how, long answered) {
        long tooEarly = TimeUnit.NANOSECONDS.toMillis(Math.min(owner.endSent(), owner.leaseUntil()) - answered);
        findings.add(
                Kind.TWO_OWNERS, key, how + " " + tooEarly + " ms before " + owner + " ended or its lease was over");
    }
}
