/**
 * The history of one key: its rows, the timeline made of them with or without a journal, its current state, and the
 * phrases that describe records. Nothing here opens a connection.
 */
@NullMarked
@CheckReturnValue
package io.toolgate.cli.explain;

import com.google.errorprone.annotations.CheckReturnValue;
import org.jspecify.annotations.NullMarked;
