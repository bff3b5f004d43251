/**
 * The judgement of a run: decides from its recorded evidence alone whether the guarantees held. No processes, no
 * database and no clock here.
 */
@NullMarked
@CheckReturnValue
package io.toolgate.race.checker;

import com.google.errorprone.annotations.CheckReturnValue;
import org.jspecify.annotations.NullMarked;
