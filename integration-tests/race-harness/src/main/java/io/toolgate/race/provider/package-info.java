/**
 * A small payment provider in a process of its own, whose ledger is the truth about how often somebody was charged. It
 * knows nothing of ToolGate.
 */
@NullMarked
@CheckReturnValue
package io.toolgate.race.provider;

import com.google.errorprone.annotations.CheckReturnValue;
import org.jspecify.annotations.NullMarked;
