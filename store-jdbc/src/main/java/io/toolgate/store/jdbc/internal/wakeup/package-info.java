/**
 * Notifications of changed records: to subscribers of this store, and between stores of other processes, with LISTEN
 * and NOTIFY on PostgreSQL and by polling the file on SQLite. They are hints: what a poll of the records reads is
 * authoritative, and how waiters poll is decided in core.
 */
@NullMarked
@CheckReturnValue
package io.toolgate.store.jdbc.internal.wakeup;

import com.google.errorprone.annotations.CheckReturnValue;
import org.jspecify.annotations.NullMarked;
