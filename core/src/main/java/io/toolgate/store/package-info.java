/**
 * The service provider interface of ToolGate: what a store of idempotency records must do, the values that travel
 * between it and the executor, and {@link io.toolgate.store.ClaimMachine}, the pure state machine that says what every
 * store must answer. No store lives here, and nothing here does I/O.
 */
@NullMarked
@CheckReturnValue
package io.toolgate.store;

import com.google.errorprone.annotations.CheckReturnValue;
import org.jspecify.annotations.NullMarked;
