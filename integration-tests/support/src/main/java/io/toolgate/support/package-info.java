/**
 * The common parts of programs with a command line: options that name a database and its password, messages on one
 * line, exit statuses, JSON. Nothing here knows ToolGate's runtime or its stores; child processes are in
 * {@code process}.
 */
@NullMarked
@CheckReturnValue
package io.toolgate.support;

import com.google.errorprone.annotations.CheckReturnValue;
import org.jspecify.annotations.NullMarked;
