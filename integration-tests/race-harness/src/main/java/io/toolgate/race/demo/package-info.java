/**
 * The {@code demo} command: its options and its output. The race itself is in {@code run}.
 */
@NullMarked
@CheckReturnValue
package io.toolgate.race.demo;

import com.google.errorprone.annotations.CheckReturnValue;
import org.jspecify.annotations.NullMarked;
