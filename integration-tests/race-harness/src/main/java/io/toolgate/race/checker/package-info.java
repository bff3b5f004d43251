/**
 * Decides from what is left of a run, and from nothing else, whether the guarantees held. No processes, no database, no clock.
 */
@NullMarked
@CheckReturnValue
package io.toolgate.race.checker;

import com.google.errorprone.annotations.CheckReturnValue;
import org.jspecify.annotations.NullMarked;
