/**
 * The durable store on PostgreSQL and SQLite. Its SQL lives in resource files, one statement each; how the schema
 * gets there is the business of {@code io.toolgate.migrations}.
 */
@NullMarked
@CheckReturnValue
package io.toolgate.store.jdbc;

import com.google.errorprone.annotations.CheckReturnValue;
import org.jspecify.annotations.NullMarked;
