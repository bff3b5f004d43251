/**
 * The database of a run: checks that it is ready, opens its store, and removes the run's rows. All SQL of the harness
 * is here.
 */
@NullMarked
@CheckReturnValue
package io.toolgate.race.database;

import com.google.errorprone.annotations.CheckReturnValue;
import org.jspecify.annotations.NullMarked;
