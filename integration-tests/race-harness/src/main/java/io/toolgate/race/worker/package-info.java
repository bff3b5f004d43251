/**
 * The processes that race for the keys, through the runtime's public API only, and what they write down about each call.
 * They judge nothing.
 */
@NullMarked
@CheckReturnValue
package io.toolgate.race.worker;

import com.google.errorprone.annotations.CheckReturnValue;
import org.jspecify.annotations.NullMarked;
