/**
 * The executor behind {@link io.toolgate.ToolGate}: single flight, heartbeats, waiting, recovery and the drain. Nothing
 * here is API; other modules must not use it.
 */
@NullMarked
@CheckReturnValue
package io.toolgate.internal;

import com.google.errorprone.annotations.CheckReturnValue;
import org.jspecify.annotations.NullMarked;
