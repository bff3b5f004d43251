/**
 * The parts that all commands share: the process around them, and common options. No command is here, and nothing
 * that changes records. Errors, exit statuses and JSON are those of {@code io.toolgate.support}.
 */
@NullMarked
@CheckReturnValue
package io.toolgate.cli.base;

import com.google.errorprone.annotations.CheckReturnValue;
import org.jspecify.annotations.NullMarked;
