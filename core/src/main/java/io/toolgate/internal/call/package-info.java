/**
 * One call of {@code execute} from its start to its outcome: the steps it takes, single flight over equal calls of the process,
 * and the two ways to take the steps, on the caller's thread and without one. Claims and runs are
 * {@code attempt}'s, waiting for other processes is {@code waiting}'s.
 */
@NullMarked
@CheckReturnValue
package io.toolgate.internal.call;

import com.google.errorprone.annotations.CheckReturnValue;
import org.jspecify.annotations.NullMarked;
