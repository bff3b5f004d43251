/**
 * Installs and upgrades ToolGate's schema and reads its version. {@link io.toolgate.migrations.ToolGateMigrations} is
 * the entry point. The scripts are plain SQL, the same files that a DBA runs by hand.
 * Nothing here reads or writes records: that is the JDBC store's.
 */
@NullMarked
@CheckReturnValue
package io.toolgate.migrations;

import com.google.errorprone.annotations.CheckReturnValue;
import org.jspecify.annotations.NullMarked;
