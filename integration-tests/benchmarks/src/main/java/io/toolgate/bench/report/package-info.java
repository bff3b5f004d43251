/**
 * Reports of measurements: medians and ratios as JSON, as a table and as a picture.
 */
@NullMarked
@CheckReturnValue
package io.toolgate.bench.report;

import com.google.errorprone.annotations.CheckReturnValue;
import org.jspecify.annotations.NullMarked;
