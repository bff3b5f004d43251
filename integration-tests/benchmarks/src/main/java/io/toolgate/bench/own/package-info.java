/**
 * ToolGate, and code that people write instead of it. Other libraries are in {@code rivals}.
 */
@NullMarked
@CheckReturnValue
package io.toolgate.bench.own;

import com.google.errorprone.annotations.CheckReturnValue;
import org.jspecify.annotations.NullMarked;
