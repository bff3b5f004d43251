package io.toolgate.race.action;

/**
 * An order to charge for: the input of the action under test. Two orders with the same key and different amounts
 * are different inputs.
 *
 * @param account to charge
 * @param amount in the currency's smallest unit
 */
public record Order(String account, long amount) {}
