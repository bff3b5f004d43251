/**
 * The harness's verification of itself: deliberately broken runtimes, each of which must be caught, and the
 * {@code verify} command. Each one is the real runtime with a single fault.
 */
@NullMarked
@CheckReturnValue
package io.toolgate.race.verify;

import com.google.errorprone.annotations.CheckReturnValue;
import org.jspecify.annotations.NullMarked;
