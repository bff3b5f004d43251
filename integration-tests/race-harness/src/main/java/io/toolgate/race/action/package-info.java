/**
 * The paid action that is raced for, and the hooks by which somebody else's action takes its place. Uses the runtime only
 * through its public API.
 */
@NullMarked
@CheckReturnValue
package io.toolgate.race.action;

import com.google.errorprone.annotations.CheckReturnValue;
import org.jspecify.annotations.NullMarked;
