/**
 * Benchmarks: the command line, and JMH benchmarks of what needs no database. Numbers only: what must hold is tested elsewhere.
 */
@NullMarked
@CheckReturnValue
package io.toolgate.bench;

import com.google.errorprone.annotations.CheckReturnValue;
import org.jspecify.annotations.NullMarked;
