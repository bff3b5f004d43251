/**
 * One attempt at a key: claim, recovery, run, completion, and the lease that is kept alive meanwhile. The only package
 * that claims records and ends attempts. Waiting calls and single flight are unknown to it.
 */
@NullMarked
@CheckReturnValue
package io.toolgate.internal.attempt;

import com.google.errorprone.annotations.CheckReturnValue;
import org.jspecify.annotations.NullMarked;
