/**
 * ToolGate, and what people write by hand in its place.
 */
@NullMarked
@CheckReturnValue
package io.toolgate.bench.own;

import com.google.errorprone.annotations.CheckReturnValue;
import org.jspecify.annotations.NullMarked;
