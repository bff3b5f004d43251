/**
 * The in-memory store, for unit tests and single processes: bounded, and lost when the process ends. Records that must
 * outlive a process belong in the JDBC store.
 */
@NullMarked
@CheckReturnValue
package io.toolgate.store.memory;

import com.google.errorprone.annotations.CheckReturnValue;
import org.jspecify.annotations.NullMarked;
