/**
 * Brings a database to the schema ToolGate expects, and says which version it has. Nothing here reads or writes
 * records.
 */
@NullMarked
@CheckReturnValue
package io.toolgate.migrations;

import com.google.errorprone.annotations.CheckReturnValue;
import org.jspecify.annotations.NullMarked;
