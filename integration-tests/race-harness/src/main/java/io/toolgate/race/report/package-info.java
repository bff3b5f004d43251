/**
 * The HTML report of a race: the verdict, the findings, durations, and pictures of who owned a key when. It only shows
 * results; the checker decided before what is a violation.
 */
@NullMarked
@CheckReturnValue
package io.toolgate.race.report;

import com.google.errorprone.annotations.CheckReturnValue;
import org.jspecify.annotations.NullMarked;
