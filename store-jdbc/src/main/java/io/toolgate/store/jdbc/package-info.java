/**
 * The durable store on PostgreSQL and SQLite: the store, its builder, and the values that its own methods take and
 * return. The parts it is made of are in packages named {@code internal}, which no module exports; its SQL is in
 * resource files, one statement each; its schema comes from {@code io.toolgate.migrations}.
 */
@NullMarked
@CheckReturnValue
package io.toolgate.store.jdbc;

import com.google.errorprone.annotations.CheckReturnValue;
import org.jspecify.annotations.NullMarked;
