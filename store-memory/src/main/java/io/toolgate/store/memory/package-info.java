/**
 * The in-memory store, for unit tests and single processes: bounded, and gone when the process ends. What must
 * outlive a process belongs in the JDBC store.
 */
@NullMarked
@CheckReturnValue
package io.toolgate.store.memory;

import com.google.errorprone.annotations.CheckReturnValue;
import org.jspecify.annotations.NullMarked;
