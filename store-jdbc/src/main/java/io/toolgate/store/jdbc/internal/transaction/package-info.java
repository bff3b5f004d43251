/** To be told. */
@NullMarked
@CheckReturnValue
package io.toolgate.store.jdbc.internal.transaction;

import com.google.errorprone.annotations.CheckReturnValue;
import org.jspecify.annotations.NullMarked;
