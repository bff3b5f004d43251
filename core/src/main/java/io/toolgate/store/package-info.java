/**
 * The service provider interface of ToolGate: the interface of a store of idempotency records, the values that stores
 * and executor exchange, and {@link io.toolgate.store.ClaimMachine}, the pure state machine that decides what every
 * store must write and answer. No store of records lives here, and nothing here does I/O.
 */
@NullMarked
@CheckReturnValue
package io.toolgate.store;

import com.google.errorprone.annotations.CheckReturnValue;
import org.jspecify.annotations.NullMarked;
