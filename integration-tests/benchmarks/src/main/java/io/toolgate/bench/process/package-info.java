/**
 * Processes of this program's own: how they are started, spoken to and ended. What they do is not here.
 */
@NullMarked
@CheckReturnValue
package io.toolgate.bench.process;

import com.google.errorprone.annotations.CheckReturnValue;
import org.jspecify.annotations.NullMarked;
