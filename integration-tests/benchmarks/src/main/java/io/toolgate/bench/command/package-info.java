/**
 * The commands, their options, and a session: from options to a printed report. How contenders are measured is in
 * {@code run}.
 */
@NullMarked
@CheckReturnValue
package io.toolgate.bench.command;

import com.google.errorprone.annotations.CheckReturnValue;
import org.jspecify.annotations.NullMarked;
