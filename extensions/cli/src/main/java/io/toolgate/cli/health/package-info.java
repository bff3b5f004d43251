/**
 * The health of a whole store: the figures of {@code stats}, also in Prometheus's text format, and the checks of
 * {@code doctor}. Nothing here is about a single key.
 */
@NullMarked
@CheckReturnValue
package io.toolgate.cli.health;

import com.google.errorprone.annotations.CheckReturnValue;
import org.jspecify.annotations.NullMarked;
