package io.toolgate.race.provider;

import org.jspecify.annotations.Nullable;

/**
 * A charge that happened. In JSON it is the receipt that the payer gets.
 *
 * @param receipt a random name, so that no two charges have equal bytes
 * @param account the charged account
 * @param amount the amount, in the currency's smallest unit
 * @param providerKey the Idempotency-Key of the request; null if it had none
 */
public record Charge(
        String receipt,
        String account,
        long amount,
        @Nullable String providerKey) {}
