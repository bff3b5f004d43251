package io.toolgate.examples;

/** A request to charge a customer's card. */
public record Charge(String order, long cents) {}
