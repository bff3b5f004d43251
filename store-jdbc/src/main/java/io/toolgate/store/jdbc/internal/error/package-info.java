/**
 * What an error of a driver is: the table of PostgreSQL's causes, with what happened and what to do for each, the kinds
 * that a retry or an outcome depends on, and errors without what an application stored. Knows no statement.
 */
@NullMarked
@CheckReturnValue
package io.toolgate.store.jdbc.internal.error;

import com.google.errorprone.annotations.CheckReturnValue;
import org.jspecify.annotations.NullMarked;
