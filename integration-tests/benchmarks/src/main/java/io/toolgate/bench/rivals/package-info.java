/**
 * Other libraries as contenders, each at its fastest documented settings, with the glue that it needs to run a key
 * once, store the result, wait for it and replay it. What a rival promises and what it does not stands at its class.
 */
@NullMarked
@CheckReturnValue
package io.toolgate.bench.rivals;

import com.google.errorprone.annotations.CheckReturnValue;
import org.jspecify.annotations.NullMarked;
