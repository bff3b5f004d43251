/**
 * Closed loops of callers, their keys and latencies, and the check that each key ran once.
 */
@NullMarked
@CheckReturnValue
package io.toolgate.bench.load;

import com.google.errorprone.annotations.CheckReturnValue;
import org.jspecify.annotations.NullMarked;
