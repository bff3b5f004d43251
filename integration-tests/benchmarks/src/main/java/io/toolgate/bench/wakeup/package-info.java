/**
 * The two sides of a wake-up, in this process or in child processes, and rounds of them. What is reported of them is
 * in {@code run}.
 */
@NullMarked
@CheckReturnValue
package io.toolgate.bench.wakeup;

import com.google.errorprone.annotations.CheckReturnValue;
import org.jspecify.annotations.NullMarked;
