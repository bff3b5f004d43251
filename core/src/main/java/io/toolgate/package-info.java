/**
 * The public API of ToolGate: describe a {@link io.toolgate.PaidAction}, run it through a {@link io.toolgate.ToolGate}
 * with an {@link io.toolgate.IdempotencyKey}, and read the {@link io.toolgate.Outcome}. The executor behind it is
 * internal; stores live in modules of their own, behind {@link io.toolgate.store.IdempotencyStore}.
 */
@NullMarked
@CheckReturnValue
package io.toolgate;

import com.google.errorprone.annotations.CheckReturnValue;
import org.jspecify.annotations.NullMarked;
