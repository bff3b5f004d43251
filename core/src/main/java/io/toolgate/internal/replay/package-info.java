/**
 * The optional in-memory cache of finished records, from which a gate replays without asking its store.
 */
@NullMarked
@CheckReturnValue
package io.toolgate.internal.replay;

import com.google.errorprone.annotations.CheckReturnValue;
import org.jspecify.annotations.NullMarked;
