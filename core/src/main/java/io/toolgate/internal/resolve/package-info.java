/**
 * Ends of records of unknown effect: the reconciler in the background, and decisions by an operator. Probes and claims
 * are those of {@code attempt}.
 */
@NullMarked
@CheckReturnValue
package io.toolgate.internal.resolve;

import com.google.errorprone.annotations.CheckReturnValue;
import org.jspecify.annotations.NullMarked;
