package io.toolgate.race.provider;

import java.io.IOException;

/** Where charges are remembered. Safe for use by many threads. */
@FunctionalInterface
public interface ChargeLog {
    /** Remembers a charge, written on one line; it is durable when this returns, and did not happen if this throws. */
    void append(String line) throws IOException;
}
