/**
 * Waiting for records that another process owns, and watching their progress: one poller thread each, however many
 * calls wait. Nothing here claims a record or changes one.
 */
@NullMarked
@CheckReturnValue
package io.toolgate.internal.waiting;

import com.google.errorprone.annotations.CheckReturnValue;
import org.jspecify.annotations.NullMarked;
