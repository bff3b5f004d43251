/**
 * The settings of a race, which are the options of the {@code run} command too, and what follows from them alone: the
 * command that repeats a race, and the number of connections.
 */
@NullMarked
@CheckReturnValue
package io.toolgate.race.settings;

import com.google.errorprone.annotations.CheckReturnValue;
import org.jspecify.annotations.NullMarked;
