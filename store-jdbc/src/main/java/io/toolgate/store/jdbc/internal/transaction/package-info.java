/**
 * Results that commit together with rows of a caller: {@code completeIn}, inside a transaction that the caller begins
 * and ends, and {@code runInTransaction}, where the store does. Claims and completions in transactions of their own
 * are in {@code operation}.
 */
@NullMarked
@CheckReturnValue
package io.toolgate.store.jdbc.internal.transaction;

import com.google.errorprone.annotations.CheckReturnValue;
import org.jspecify.annotations.NullMarked;
