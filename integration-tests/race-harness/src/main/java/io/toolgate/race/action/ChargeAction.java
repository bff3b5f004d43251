package io.toolgate.race.action;

import io.toolgate.Attempt;
import io.toolgate.Failure;
import io.toolgate.Fingerprint;
import io.toolgate.PaidAction;
import io.toolgate.ProbeResult;
import io.toolgate.ResultCodec;
import io.toolgate.ToolGateException;
import io.toolgate.store.StoreException;

/** The harness's own action: one charge. */
public final class ChargeAction implements RaceAction<Order, String> {
    private static final Fingerprint<Order> FINGERPRINT =
            order -> Fingerprint.text().canonical(order.account() + " owes " + order.amount());
    private static final char SEPARATOR = ' ';

    /** Made by name. */
    public ChargeAction() {}

    @Override
    public PaidAction<Order, String> action(ActionTerms terms, Payments payments) {
        return terms.<Order, String>apply(attempt -> payments.lookup(attempt)
                        .map(receipt -> ProbeResult.happened(result(payments.receipt(receipt), attempt)))
                        .orElseGet(ProbeResult::notHappened))
                .run((order, attempt) -> result(payments.receipt(payments.charge(attempt, order)), attempt))
                .codec(ResultCodec.text())
                .fingerprint(FINGERPRINT)
                .classify(ChargeAction::classify)
                .build();
    }

    /** Results of two attempts differ even if they show the same receipt, so that a mix-up is visible. */
    private static String result(String receipt, Attempt attempt) {
        return receipt + SEPARATOR + "by attempt " + attempt.number() + " in process "
                + ProcessHandle.current().pid();
    }

    private static Failure classify(Throwable thrown) {
        if (thrown instanceof PaymentDeclinedException declined) {
            return Failure.rejected(declined.code(), declined.getMessage());
        }
        // Both come only from the ownership check before the charge.
        boolean notPaid = thrown instanceof StoreException || thrown instanceof ToolGateException.LeaseLost;
        return notPaid ? Failure.notExecuted(thrown) : Failure.unknown(thrown);
    }

    @Override
    public Order input(Order order) {
        return order;
    }

    @Override
    public String receipt(String result) {
        return result.substring(0, result.indexOf(SEPARATOR));
    }
}
