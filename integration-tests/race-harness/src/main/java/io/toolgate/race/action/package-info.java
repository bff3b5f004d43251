/**
 * The paid action under test, and the interfaces by which an action of your own replaces it. Uses the runtime only
 * through its public API.
 */
@NullMarked
@CheckReturnValue
package io.toolgate.race.action;

import com.google.errorprone.annotations.CheckReturnValue;
import org.jspecify.annotations.NullMarked;
