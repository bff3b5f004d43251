/**
 * Brings a database to the schema ToolGate expects, and says which version it has. {@link
 * io.toolgate.migrations.ToolGateMigrations} is the entry; the scripts themselves are plain SQL under
 * {@code db/toolgate/}, the same files a DBA runs by hand. Nothing here reads or writes records.
 */
@NullMarked
@CheckReturnValue
package io.toolgate.migrations;

import com.google.errorprone.annotations.CheckReturnValue;
import org.jspecify.annotations.NullMarked;
