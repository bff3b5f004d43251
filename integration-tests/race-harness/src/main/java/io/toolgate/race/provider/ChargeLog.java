package io.toolgate.race.provider;

import java.io.IOException;

/** Where the ends of requests are remembered. Safe for use by many threads. */
@FunctionalInterface
public interface ChargeLog {
    /** Remembers what came of a request; it is durable when this returns, and did not happen if this throws. */
    void append(LedgerLine line) throws IOException;
}
