/**
 * A small payment provider in a process of its own, with a client and a durable ledger, by which the checker knows how
 * often an account was charged. It does not use ToolGate.
 */
@NullMarked
@CheckReturnValue
package io.toolgate.race.provider;

import com.google.errorprone.annotations.CheckReturnValue;
import org.jspecify.annotations.NullMarked;
