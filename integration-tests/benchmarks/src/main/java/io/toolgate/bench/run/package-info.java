/**
 * The measurements: what each benchmark does to a contender, in which order contenders are measured, and what is kept of it.
 */
@NullMarked
@CheckReturnValue
package io.toolgate.bench.run;

import com.google.errorprone.annotations.CheckReturnValue;
import org.jspecify.annotations.NullMarked;
