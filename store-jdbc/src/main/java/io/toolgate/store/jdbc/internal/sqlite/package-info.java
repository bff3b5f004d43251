/**
 * A SQLite file as a store uses it: its identity, its connections with their cached statements, its clock, and the
 * queue of those that write to it, over threads and processes. Opening and installing a store is in {@code open}.
 */
@NullMarked
@CheckReturnValue
package io.toolgate.store.jdbc.internal.sqlite;

import com.google.errorprone.annotations.CheckReturnValue;
import org.jspecify.annotations.NullMarked;
