/**
 * What is measured: the ways to make a paid action run once per key, and the database that each of them is given. How they
 * are measured is not here.
 */
@NullMarked
@CheckReturnValue
package io.toolgate.bench.contender;

import com.google.errorprone.annotations.CheckReturnValue;
import org.jspecify.annotations.NullMarked;
