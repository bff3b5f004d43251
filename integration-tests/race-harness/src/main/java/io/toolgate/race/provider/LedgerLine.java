package io.toolgate.race.provider;

import org.jspecify.annotations.Nullable;

/**
 * A line of the ledger: what came of one request to charge.
 *
 * @param nanos when, by the machine's monotonic clock
 * @param kind what came of it
 * @param request the name that the request came with
 * @param account who was to be charged
 * @param amount how much, in the currency's smallest unit
 * @param providerKey the Idempotency-Key that the request came with; null if it had none
 * @param receipt the name of the charge that was made, or, where the provider dedupes, that was made before; null where it
 *     declined
 */
public record LedgerLine(
        long nanos,
        Kind kind,
        String request,
        String account,
        long amount,
        @Nullable String providerKey,
        @Nullable String receipt) {
    /** What can come of a request. */
    public enum Kind {
        /** Somebody was charged. */
        CHARGED,
        /** Nobody was charged: it was the same charge as one before, whose receipt was given again. */
        REPEATED,
        /** Nobody was charged: the provider refused. */
        DECLINED
    }
}
