/**
 * The processes that race for the keys: their course, the store that writes down what they do, and the failpoints at which
 * they stop to be killed or frozen. They judge nothing.
 */
@NullMarked
@CheckReturnValue
package io.toolgate.race.racer;

import com.google.errorprone.annotations.CheckReturnValue;
import org.jspecify.annotations.NullMarked;
