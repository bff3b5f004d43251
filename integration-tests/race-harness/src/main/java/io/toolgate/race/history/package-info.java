/**
 * The records that the processes of a run write while it goes on, one JSON object per line: the events of the racers
 * ({@code Event}) and the harness's actions on them ({@code Deed}). Nothing here judges.
 *
 * <p>All processes of a run are on one machine, so {@link System#nanoTime} of one compares with that of another.
 */
@NullMarked
@CheckReturnValue
package io.toolgate.race.history;

import com.google.errorprone.annotations.CheckReturnValue;
import org.jspecify.annotations.NullMarked;
