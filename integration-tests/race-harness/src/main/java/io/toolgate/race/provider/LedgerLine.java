package io.toolgate.race.provider;

import org.jspecify.annotations.Nullable;

/**
 * Line of the ledger: the result of one request to charge.
 *
 * @param nanos the time of the result, by the machine's monotonic clock
 * @param kind the result
 * @param request the name of the request
 * @param account the account to be charged
 * @param amount the amount, in the currency's smallest unit
 * @param providerKey the Idempotency-Key of the request; null if it had none
 * @param receipt the name of the charge, or of the earlier one that the provider returned again; null if it declined
 */
public record LedgerLine(
        long nanos,
        Kind kind,
        String request,
        String account,
        long amount,
        @Nullable String providerKey,
        @Nullable String receipt) {
    /** Result of a request. */
    public enum Kind {
        /** The account was charged. */
        CHARGED,
        /** No new charge: the provider returned the receipt of an earlier charge with the same key. */
        REPEATED,
        /** No charge: the provider declined. */
        DECLINED
    }
}
