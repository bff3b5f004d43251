/**
 * Read-only access to a store's tables: the SQL files of the command line, run in one snapshot, and rows that look the
 * same on every database. Nothing here writes, and nothing of the library uses it.
 */
@NullMarked
@CheckReturnValue
package io.toolgate.cli.query;

import com.google.errorprone.annotations.CheckReturnValue;
import org.jspecify.annotations.NullMarked;
