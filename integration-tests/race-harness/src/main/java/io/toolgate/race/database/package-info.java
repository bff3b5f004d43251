/**
 * The database a run races on: how it is reached, whether it is ready, and how a run's own rows are removed from it. The only
 * place of the harness that speaks SQL.
 */
@NullMarked
@CheckReturnValue
package io.toolgate.race.database;

import com.google.errorprone.annotations.CheckReturnValue;
import org.jspecify.annotations.NullMarked;
