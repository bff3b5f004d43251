/**
 * What every other package of the executor uses: the identity and the events of a key, threads, the stop signal,
 * argument checks, redaction, delivery of listener events, counters, backoff. Nothing here claims, runs or waits.
 */
@NullMarked
@CheckReturnValue
package io.toolgate.internal.base;

import com.google.errorprone.annotations.CheckReturnValue;
import org.jspecify.annotations.NullMarked;
