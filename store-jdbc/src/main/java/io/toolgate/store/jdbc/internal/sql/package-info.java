/** To be told. */
@NullMarked
@CheckReturnValue
package io.toolgate.store.jdbc.internal.sql;

import com.google.errorprone.annotations.CheckReturnValue;
import org.jspecify.annotations.NullMarked;
