/**
 * Statements and how they run: the SQL files, their parameters and rows, and the retry loop that each operation goes
 * through. Hot statements run on plain JDBC here; {@code SqlRunner} says why. What a
 * statement means for a record is not decided here but in {@code operation}.
 */
@NullMarked
@CheckReturnValue
package io.toolgate.store.jdbc.internal.sql;

import com.google.errorprone.annotations.CheckReturnValue;
import org.jspecify.annotations.NullMarked;
