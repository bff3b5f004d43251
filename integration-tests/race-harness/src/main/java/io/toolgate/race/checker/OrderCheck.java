package io.toolgate.race.checker;

import io.toolgate.race.checker.KeyHistory.Completion;
import io.toolgate.race.checker.KeyHistory.Doubt;
import io.toolgate.race.checker.Violation.Kind;
import io.toolgate.race.history.Event.CompletionKind;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * Check of rule 4, and of the part of rule 2 that a finished record never changes. Transitions are ordered by their
 * versions, which the database assigns. Without versions, a request that was sent after another was answered came after
 * it.
 */
final class OrderCheck implements Check {
    private final Findings findings;

    OrderCheck(Findings findings) {
        this.findings = findings;
    }

    /** A transition of the record; {@code fence} is 0 if its attempt is unknown. */
    private record Step(Type type, Place place, long fence, long version, long sent, long answered) {
        enum Type {
            CLAIM,
            FINISH,
            DOUBT,
            RELEASE
        }

        boolean after(Step other) {
            return version > other.version || sent > other.answered;
        }

        /** Whether both may be the same transition, observed twice. */
        boolean mayBe(Step other) {
            // A fence that was given out twice violates rule 1, which another check covers.
            return (type == Type.DOUBT && other.type == Type.DOUBT)
                    || (type == Type.CLAIM && other.type == Type.CLAIM && fence == other.fence);
        }

        @Override
        public String toString() {
            String what = type == Type.CLAIM ? "the claim" : type == Type.DOUBT ? "the doubt" : "the completion";
            return what + " of attempt " + (fence == 0 ? "?" : fence) + " at version " + version + " (" + place + ")";
        }
    }

    @Override
    public void check(Dossier dossier) {
        List<Step> steps = steps(dossier.history());
        for (int i = 1; i < steps.size(); i++) {
            Step before = steps.get(i - 1);
            Step step = steps.get(i);
            if (step.version == before.version && !step.mayBe(before)) {
                findings.add(Kind.VERSION_TWICE, dossier.key(), before + " and " + step);
            }
        }
        checkFences(dossier.key(), steps);
        checkFinish(dossier.key(), steps);
        checkRenewals(dossier);
    }

    private static List<Step> steps(KeyHistory history) {
        List<Step> steps = new ArrayList<>();
        for (Tenure claim : history.tenures()) {
            steps.add(new Step(
                    Step.Type.CLAIM, claim.place(), claim.fence(), claim.version(), claim.sent(), claim.answered()));
        }
        for (Completion completion : history.completions()) {
            if (completion.applied()) {
                Step.Type type = completion.finishes()
                        ? Step.Type.FINISH
                        : completion.ending() == CompletionKind.DOUBT ? Step.Type.DOUBT : Step.Type.RELEASE;
                steps.add(new Step(
                        type,
                        completion.place(),
                        completion.fence(),
                        completion.version(),
                        completion.sent(),
                        completion.answered()));
            }
        }
        for (Doubt doubt : history.doubts()) {
            // A claim that finds a doubt need not have caused it, so the time of the transition is unknown.
            steps.add(new Step(
                    Step.Type.DOUBT, doubt.place(), doubt.fence(), doubt.version(), Long.MIN_VALUE, doubt.answered()));
        }
        steps.sort(Comparator.comparingLong(Step::version).thenComparing(Step::type));
        return steps;
    }

    /**
     * No claim may have a lower fence than an earlier one, and no completion may come from an attempt that was
     * replaced.
     */
    private void checkFences(String key, List<Step> steps) {
        for (Step step : steps) {
            if (step.fence == 0) {
                continue;
            }
            for (Step claim : steps) {
                if (claim.type == Step.Type.CLAIM && claim.fence > step.fence && step.after(claim)) {
                    boolean fell = step.type == Step.Type.CLAIM || step.sent == Long.MIN_VALUE;
                    findings.add(fell ? Kind.FENCE_FELL : Kind.STALE_END, key, step + " came after " + claim);
                    break;
                }
            }
        }
    }

    private void checkFinish(String key, List<Step> steps) {
        for (Step finish : steps) {
            if (finish.type != Step.Type.FINISH) {
                continue;
            }
            for (Step step : steps) {
                if (step.after(finish)) {
                    findings.add(Kind.FINISHED_CHANGED, key, step + " came after " + finish);
                    return;
                }
            }
        }
    }

    /** A heartbeat must not renew a lease that was taken over, put in doubt or completed. */
    private void checkRenewals(Dossier dossier) {
        KeyHistory history = dossier.history();
        for (Tenure owner : history.tenures()) {
            if (owner.renewalSent() > owner.endApplied()) {
                findings.add(Kind.STALE_RENEWAL, dossier.key(), owner + " was renewed after its completion was stored");
            }
            for (Tenure other : history.tenures()) {
                if (other.fence() > owner.fence() && owner.renewalSent() > other.answered()) {
                    findings.add(Kind.STALE_RENEWAL, dossier.key(), owner + " was renewed after " + other);
                    break;
                }
            }
            for (Doubt doubt : history.doubts()) {
                if (doubt.fence() == owner.fence() && owner.renewalSent() > doubt.answered()) {
                    findings.add(
                            Kind.STALE_RENEWAL,
                            dossier.key(),
                            owner + " was renewed after it had been put in doubt (" + doubt.place() + ")");
                    break;
                }
            }
        }
    }
}
