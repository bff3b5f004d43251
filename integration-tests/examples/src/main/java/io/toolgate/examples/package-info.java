/**
 * The example of README.md, complete: a program of its own, with a payment provider to charge. Nothing else depends on
 * it.
 */
@NullMarked
@CheckReturnValue
package io.toolgate.examples;

import com.google.errorprone.annotations.CheckReturnValue;
import org.jspecify.annotations.NullMarked;
