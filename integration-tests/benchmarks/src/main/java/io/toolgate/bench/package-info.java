/**
 * The program of the benchmarks, and JMH benchmarks that need no database. Commands are in {@code command}; guarantees
 * are tested elsewhere.
 */
@NullMarked
@CheckReturnValue
package io.toolgate.bench;

import com.google.errorprone.annotations.CheckReturnValue;
import org.jspecify.annotations.NullMarked;
