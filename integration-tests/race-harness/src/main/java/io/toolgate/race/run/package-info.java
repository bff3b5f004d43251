/**
 * A race: its settings, its course, and what came of it; and the {@code run} command in front of it. {@code Race} is also how
 * a test of one's own runs one.
 */
@NullMarked
@CheckReturnValue
package io.toolgate.race.run;

import com.google.errorprone.annotations.CheckReturnValue;
import org.jspecify.annotations.NullMarked;
