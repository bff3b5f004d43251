/**
 * One call of {@code execute} from its start to its outcome: its steps, single flight over equal calls of the process,
 * and two executors of the steps, on the caller's thread and without one. Claims and runs are done by {@code attempt},
 * waits for other processes by {@code waiting}.
 */
@NullMarked
@CheckReturnValue
package io.toolgate.internal.call;

import com.google.errorprone.annotations.CheckReturnValue;
import org.jspecify.annotations.NullMarked;
