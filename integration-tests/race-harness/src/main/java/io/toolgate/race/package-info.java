/**
 * The multi-process race harness: starts processes against one database, injects faults, and checks the guarantees. It
 * uses the runtime only through its public API.
 *
 * <p>Here are the program and what all its packages share. {@code run} depends on {@code process}, {@code report},
 * {@code checker} and {@code settings}; those on {@code racer}, {@code provider}, {@code fault}, {@code history} and
 * {@code action}.
 */
@NullMarked
@CheckReturnValue
package io.toolgate.race;

import com.google.errorprone.annotations.CheckReturnValue;
import org.jspecify.annotations.NullMarked;
