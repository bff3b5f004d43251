package io.toolgate.race.provider;

import org.jspecify.annotations.Nullable;

/**
 * A charge that happened: byte for byte the receipt that the payer is given.
 *
 * @param receipt a random name, so that two charges never give equal bytes
 * @param account who was charged
 * @param amount how much, in the currency's smallest unit
 * @param providerKey the Idempotency-Key that the request came with; null if it had none
 */
public record Charge(
        String receipt,
        String account,
        long amount,
        @Nullable String providerKey) {}
