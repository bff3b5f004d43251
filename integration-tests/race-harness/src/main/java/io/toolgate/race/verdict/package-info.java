/**
 * Decides from what is left of a run, and from nothing else, whether the guarantee held. No processes, no database, no clock.
 */
@NullMarked
@CheckReturnValue
package io.toolgate.race.verdict;

import com.google.errorprone.annotations.CheckReturnValue;
import org.jspecify.annotations.NullMarked;
