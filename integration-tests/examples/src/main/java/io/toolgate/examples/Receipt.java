package io.toolgate.examples;

/** The provider's receipt for a charge. */
public record Receipt(String id, String order, long cents) {}
