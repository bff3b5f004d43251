/**
 * The command line {@code toolgate.jar}, for database administrators and engineers on call. This package only assembles
 * the commands, which are in {@code command}; what they share is in {@code base}.
 */
@NullMarked
@CheckReturnValue
package io.toolgate.cli;

import com.google.errorprone.annotations.CheckReturnValue;
import org.jspecify.annotations.NullMarked;
