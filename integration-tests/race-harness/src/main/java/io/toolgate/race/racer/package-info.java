/**
 * The processes that race for the keys: their main program, the store decorator that records their requests, and the
 * failpoints at which they are killed or frozen. Judgement is in {@code checker}.
 */
@NullMarked
@CheckReturnValue
package io.toolgate.race.racer;

import com.google.errorprone.annotations.CheckReturnValue;
import org.jspecify.annotations.NullMarked;
