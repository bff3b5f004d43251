/**
 * The commands, one class each: options, their validation, and the output as JSON and as text. Statements are run by
 * {@code query}; what is known of a key or of a store is worked out in {@code explain} and {@code health}. Records are
 * changed only through the store.
 */
@NullMarked
@CheckReturnValue
package io.toolgate.cli.command;

import com.google.errorprone.annotations.CheckReturnValue;
import org.jspecify.annotations.NullMarked;
