package io.toolgate.race.provider;

/**
 * A request to charge somebody.
 *
 * @param account whom
 * @param amount how much, in the currency's smallest unit
 */
public record ChargeRequest(String account, long amount) {}
