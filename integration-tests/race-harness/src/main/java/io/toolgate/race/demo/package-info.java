/**
 * The {@code demo} command: its options, its course, and what it prints.
 */
@NullMarked
@CheckReturnValue
package io.toolgate.race.demo;

import com.google.errorprone.annotations.CheckReturnValue;
import org.jspecify.annotations.NullMarked;
