/**
 * The benchmarks, and the order in which contenders are measured. Closed loops are in {@code load}, figures in
 * {@code report}.
 */
@NullMarked
@CheckReturnValue
package io.toolgate.bench.run;

import com.google.errorprone.annotations.CheckReturnValue;
import org.jspecify.annotations.NullMarked;
