package io.toolgate.race.action;

/**
 * What a call asks to be charged for: the input of the action under test. Two orders with the same key and different amounts
 * are different inputs.
 *
 * @param account whom to charge
 * @param amount how much, in the currency's smallest unit
 */
public record Order(String account, long amount) {}
