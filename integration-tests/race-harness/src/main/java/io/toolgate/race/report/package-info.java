/**
 * A race as one HTML page for people: the verdict, what was seen, how long things took, and pictures of who owned a key when.
 * It only shows; what is right and what is wrong was decided by the checker before.
 */
@NullMarked
@CheckReturnValue
package io.toolgate.race.report;

import com.google.errorprone.annotations.CheckReturnValue;
import org.jspecify.annotations.NullMarked;
