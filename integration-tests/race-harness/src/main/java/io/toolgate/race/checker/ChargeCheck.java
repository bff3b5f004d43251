package io.toolgate.race.checker;

import io.toolgate.race.RaceKeys;
import io.toolgate.race.checker.KeyHistory.Completion;
import io.toolgate.race.checker.KeyHistory.Denial;
import io.toolgate.race.checker.KeyHistory.Effect;
import io.toolgate.race.checker.Terms.Recovery;
import io.toolgate.race.checker.Violation.Kind;
import io.toolgate.race.history.Event.Answer;
import io.toolgate.race.history.Event.CompletionKind;
import io.toolgate.race.provider.LedgerLine;
import java.util.List;
import java.util.Objects;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Check of rule 5: the charges in the ledger against those that the declared recovery allows. */
final class ChargeCheck implements Check {
    private static final int CHARGES_SHOWN = 3;

    private final Terms terms;
    private final RaceKeys keys;
    private final FurtherCharges further;
    private final Findings findings;
    private long chargedTwice;
    private long chargedInWindow;
    private long chargedInFlight;
    private long chargedByRerun;

    ChargeCheck(Terms terms, RaceKeys keys, FurtherCharges further, Findings findings) {
        this.terms = terms;
        this.keys = keys;
        this.further = further;
        this.findings = findings;
    }

    @Override
    public void check(Dossier dossier) {
        checkNumber(dossier);
        checkProbed(dossier);
        checkReleased(dossier);
        checkDenied(dossier);
        if (!dossier.amounts().isEmpty() && !dossier.answered(Answer.COMPLETED) && dossier.answered(Answer.REJECTED)) {
            findings.add(Kind.FALSE_REJECTION, dossier.key(), "charged " + dossier.amounts());
        }
        if (dossier.amounts().size() > 1) {
            findings.add(Kind.CHARGED_FOR_TWO_INPUTS, dossier.key(), "charged " + dossier.amounts());
        }
        String expected = keys.providerKey(dossier.key());
        for (LedgerLine line : dossier.ledger()) {
            if (!expected.equals(line.providerKey())) {
                findings.add(
                        Kind.WRONG_PROVIDER_KEY,
                        dossier.key(),
                        line.providerKey() + " and not " + expected + " in request " + line.request());
            }
        }
    }

    private void checkNumber(Dossier dossier) {
        List<LedgerLine> charges = dossier.charges();
        if (charges.isEmpty()) {
            // A decline is no charge, so there is no result to give.
            if (dossier.answered(Answer.COMPLETED) || (!dossier.declined() && isMissing(dossier))) {
                findings.add(Kind.NEVER_CHARGED, dossier.key(), "the ledger has no charge of its account");
            }
        } else if (charges.size() > 1) {
            chargedTwice++;
            FurtherCharges.Cause cause = further.cause(dossier);
            if (cause == FurtherCharges.Cause.WINDOW) {
                chargedInWindow++;
            } else if (cause == FurtherCharges.Cause.IN_FLIGHT) {
                chargedInFlight++;
            } else if (cause == FurtherCharges.Cause.RERUN) {
                chargedByRerun++;
            } else {
                findings.add(
                        Kind.CHARGED_TWICE,
                        dossier.key(),
                        charges.size() + " charges: "
                                + charges.stream()
                                        .limit(CHARGES_SHOWN)
                                        .map(this::show)
                                        .collect(Collectors.joining(", "))
                                + (charges.size() > CHARGES_SHOWN ? ", …" : ""));
            }
        }
    }

    private String show(LedgerLine charge) {
        return charge.receipt() + " of " + charge.amount() + " by request " + charge.request();
    }

    private boolean isMissing(Dossier dossier) {
        if (terms.calm() || dossier.answered(Answer.REJECTED)) {
            return true;
        }
        // If a kill cut all calls, or they failed before they reached the database, there is nothing to recover.
        return terms.recovery() != Recovery.HOLD
                && (dossier.row() != null
                        || dossier.history().answers().keySet().stream()
                                .anyMatch(kind -> kind.answer() != Answer.ERROR));
    }

    /**
     * An attempt of unknown effect is rerun only as the recovery allows: never, or after a probe that found no charge.
     */
    private void checkProbed(Dossier dossier) {
        if (terms.recovery() == Recovery.HOLD) {
            dossier.history().tenures().stream()
                    .filter(Tenure::tookOver)
                    .forEach(claim -> findings.add(
                            Kind.BLIND_RERUN,
                            dossier.key(),
                            claim + " took over from an attempt of unknown effect, with recovery HOLD"));
        } else if (terms.recovery() == Recovery.PROBE) {
            for (Effect effect : dossier.history().effects()) {
                Tenure attempt = effect.tenure();
                if (attempt != null && attempt.tookOver() && !isProbed(dossier, effect)) {
                    findings.add(
                            Kind.BLIND_RERUN,
                            dossier.key(),
                            attempt + " requested a charge (" + effect.place()
                                    + ") without an earlier probe that found none");
                }
            }
        }
    }

    private static boolean isProbed(Dossier dossier, Effect effect) {
        return dossier.history().absences().stream()
                .anyMatch(absence -> absence.fence() == effect.fence()
                        && absence.place().sameLife(effect.place())
                        && absence.answered() <= effect.sent());
    }

    /** An attempt that charged must not release the key as "not executed". */
    private void checkReleased(Dossier dossier) {
        for (Completion completion : dossier.history().completions()) {
            if (completion.ending() != CompletionKind.RELEASE || !completion.applied()) {
                continue;
            }
            for (Effect effect : dossier.history().effects()) {
                LedgerLine charged = charged(dossier, effect);
                boolean same =
                        effect.fence() == completion.fence() && effect.place().sameLife(completion.place());
                if (same && charged != null && charged.nanos() < completion.sent()) {
                    findings.add(
                            Kind.RELEASED_AFTER_EFFECT,
                            dossier.key(),
                            "attempt " + completion.fence() + " was released (" + completion.place() + ") after "
                                    + show(charged));
                }
            }
        }
    }

    /** A call that charged must not answer that nothing was executed. */
    private void checkDenied(Dossier dossier) {
        for (Denial denial : dossier.history().denials()) {
            dossier.ledger().stream()
                    .filter(line -> line.kind() != LedgerLine.Kind.DECLINED)
                    .filter(line -> line.request().equals(denial.request()))
                    .findFirst()
                    .ifPresent(line -> findings.add(
                            Kind.DENIED_AFTER_EFFECT,
                            dossier.key(),
                            denial.answer() + " (" + denial.place() + ") after " + show(line)));
        }
    }

    private static @Nullable LedgerLine charged(Dossier dossier, Effect effect) {
        return dossier.ledger().stream()
                .filter(line -> line.kind() != LedgerLine.Kind.DECLINED)
                .filter(line -> Objects.equals(line.request(), effect.request()))
                .findFirst()
                .orElse(null);
    }

    /** The number of keys with more than one charge. */
    long chargedTwice() {
        return chargedTwice;
    }

    /** Of these, the number explained by the window that a provider without deduplication leaves open. */
    long chargedInWindow() {
        return chargedInWindow;
    }

    /** Of these, the number explained by requests that were in flight when their owners were killed. */
    long chargedInFlight() {
        return chargedInFlight;
    }

    /** Of these, the number explained by a rerun that was declared safe and is not. */
    long chargedByRerun() {
        return chargedByRerun;
    }
}
