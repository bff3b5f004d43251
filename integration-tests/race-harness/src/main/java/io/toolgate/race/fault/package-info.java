/**
 * Fault injection: the sequence of a run's faults, and how processes are killed, frozen and given wrong clocks. Only
 * processes that the harness itself started are ever signalled. Which process is hit at which moment is decided in
 * {@code run}.
 */
@NullMarked
@CheckReturnValue
package io.toolgate.race.fault;

import com.google.errorprone.annotations.CheckReturnValue;
import org.jspecify.annotations.NullMarked;
