package io.toolgate.race.provider;

/**
 * A charge that happened: one line of the ledger, and, byte for byte, the receipt that the payer is given.
 *
 * @param receipt a random name, so that two charges never give equal bytes
 * @param account who was charged
 * @param amount how much, in the currency's smallest unit
 * @param providerKey the Idempotency-Key that the request came with; recorded, and not used to find duplicates, so that a
 *     second run shows as a second charge
 */
public record Charge(String receipt, String account, long amount, String providerKey) {}
