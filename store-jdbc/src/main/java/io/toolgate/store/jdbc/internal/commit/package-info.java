/**
 * Writes and the commits that carry them: each write as a statement of its own, and group commit, which lets concurrent
 * callers share one. Nothing here decides whether a write is right, or retries it; that is done in {@code operation}.
 */
@NullMarked
@CheckReturnValue
package io.toolgate.store.jdbc.internal.commit;

import com.google.errorprone.annotations.CheckReturnValue;
import org.jspecify.annotations.NullMarked;
