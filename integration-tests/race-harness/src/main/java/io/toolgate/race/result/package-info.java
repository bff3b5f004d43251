/**
 * The result of a race and the tables that show it to people. HTML is in {@code report}.
 */
@NullMarked
@CheckReturnValue
package io.toolgate.race.result;

import com.google.errorprone.annotations.CheckReturnValue;
import org.jspecify.annotations.NullMarked;
