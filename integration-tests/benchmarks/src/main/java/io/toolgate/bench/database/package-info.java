/**
 * Databases to measure on: a temporary server or file of the run's own, or what the user names. They make an empty place for
 * each contender, say how durable they are, and count what goes over the wire.
 */
@NullMarked
@CheckReturnValue
package io.toolgate.bench.database;

import com.google.errorprone.annotations.CheckReturnValue;
import org.jspecify.annotations.NullMarked;
