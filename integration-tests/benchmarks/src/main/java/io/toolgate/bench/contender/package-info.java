/**
 * Contenders, the ways to run a paid action once per key, and their databases. How they are measured is in {@code run}.
 */
@NullMarked
@CheckReturnValue
package io.toolgate.bench.contender;

import com.google.errorprone.annotations.CheckReturnValue;
import org.jspecify.annotations.NullMarked;
