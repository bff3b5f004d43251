/**
 * Operating-system processes that never outlive their parent, and what a run must tidy up however it ends. Nothing here
 * knows what the processes do.
 */
@NullMarked
@CheckReturnValue
package io.toolgate.race.process;

import com.google.errorprone.annotations.CheckReturnValue;
import org.jspecify.annotations.NullMarked;
