/**
 * The multi-process race harness: starts processes against one database, disturbs them, and judges what they left.
 * It uses the runtime only through its public API.
 */
@NullMarked
@CheckReturnValue
package io.toolgate.race;

import com.google.errorprone.annotations.CheckReturnValue;
import org.jspecify.annotations.NullMarked;
