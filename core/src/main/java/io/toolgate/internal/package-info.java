/**
 * The executor behind {@link io.toolgate.ToolGate}: {@code GateEngine} wires the packages below this one, which do the
 * work. Nothing here or below is API; the module exports none of it, and other modules must not use it.
 */
@NullMarked
@CheckReturnValue
package io.toolgate.internal;

import com.google.errorprone.annotations.CheckReturnValue;
import org.jspecify.annotations.NullMarked;
