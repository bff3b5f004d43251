/**
 * What is done to the processes of a run: which faults, in which order, and how they are brought about. Only processes that
 * the harness itself started are ever signalled.
 */
@NullMarked
@CheckReturnValue
package io.toolgate.race.fault;

import com.google.errorprone.annotations.CheckReturnValue;
import org.jspecify.annotations.NullMarked;
