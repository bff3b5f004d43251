/**
 * The operations of the SPI, one class for each kind: claim, renewal of leases, completion, checkpoint, decision, read,
 * count, purge. Each reads a record, lets {@link io.toolgate.store.ClaimMachine} decide, and applies the decision by a
 * compare-and-set inside a retry loop.
 * Transactions of callers are in {@code transaction}.
 */
@NullMarked
@CheckReturnValue
package io.toolgate.store.jdbc.internal.operation;

import com.google.errorprone.annotations.CheckReturnValue;
import org.jspecify.annotations.NullMarked;
