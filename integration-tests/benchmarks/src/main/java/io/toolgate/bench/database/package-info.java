/**
 * Databases to measure on: a temporary server or file, or one that the user names. They make an empty place for each
 * contender, report their durability, and count statements on the wire. Contenders' own tables are not here.
 */
@NullMarked
@CheckReturnValue
package io.toolgate.bench.database;

import com.google.errorprone.annotations.CheckReturnValue;
import org.jspecify.annotations.NullMarked;
