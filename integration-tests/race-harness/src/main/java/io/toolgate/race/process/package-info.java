/**
 * The racer processes of a run, seen from the harness: starts them, sends them work, injects faults and logs those.
 * What racers do in their processes is in {@code racer}; what kinds of faults there are is in {@code fault}.
 */
@NullMarked
@CheckReturnValue
package io.toolgate.race.process;

import com.google.errorprone.annotations.CheckReturnValue;
import org.jspecify.annotations.NullMarked;
