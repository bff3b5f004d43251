/**
 * Opening a store: its URL, the checks of server, schema and role before anything is trusted, and the pools. Each
 * refusal says what is wrong and what to do. Nothing here runs once the store is open, except for the connection of
 * heartbeats, a look at the replication every few minutes, and closing it.
 */
@NullMarked
@CheckReturnValue
package io.toolgate.store.jdbc.internal.open;

import com.google.errorprone.annotations.CheckReturnValue;
import org.jspecify.annotations.NullMarked;
