/**
 * What the processes of a run write down while it goes on, one JSON object a line: workers what they did ({@code Event}), the
 * harness what it did to them ({@code Deed}). Nothing here judges.
 *
 * <p>All processes of a run are on one machine, so {@link System#nanoTime} of one compares with that of another.
 */
@NullMarked
@CheckReturnValue
package io.toolgate.race.history;

import com.google.errorprone.annotations.CheckReturnValue;
import org.jspecify.annotations.NullMarked;
