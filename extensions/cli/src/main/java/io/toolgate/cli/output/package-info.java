/**
 * Output for people: tables, texts, times, and the progress line. It knows nothing of stores.
 */
@NullMarked
@CheckReturnValue
package io.toolgate.cli.output;

import com.google.errorprone.annotations.CheckReturnValue;
import org.jspecify.annotations.NullMarked;
