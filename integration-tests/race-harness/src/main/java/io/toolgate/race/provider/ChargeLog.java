package io.toolgate.race.provider;

import java.io.IOException;

/** Durable log of the results of requests. Thread-safe. */
@FunctionalInterface
public interface ChargeLog {
    /**
     * Appends the result of a request; it is durable when this returns, and the request had no effect if this throws.
     */
    void append(LedgerLine line) throws IOException;
}
