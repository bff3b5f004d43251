/**
 * A race from its preparation to its verdict, and the {@code run} command. {@code Race} is also for tests that race an
 * action of their own. Racer processes are in {@code process}, verdicts in {@code checker}.
 */
@NullMarked
@CheckReturnValue
package io.toolgate.race.run;

import com.google.errorprone.annotations.CheckReturnValue;
import org.jspecify.annotations.NullMarked;
