/**
 * The command line {@code toolgate.jar}, for database administrators and people on call. It needs picocli, which the library
 * does not bring; nothing of the library uses this package. It looks at the tables with SQL of its own, in files, and changes
 * records through the store only.
 */
@NullMarked
@CheckReturnValue
package io.toolgate.cli;

import com.google.errorprone.annotations.CheckReturnValue;
import org.jspecify.annotations.NullMarked;
