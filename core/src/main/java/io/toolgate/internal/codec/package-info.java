/**
 * Codecs, fingerprints and the format of encrypted results: bytes in, bytes out. No store, no thread,
 * no state of a call.
 */
@NullMarked
@CheckReturnValue
package io.toolgate.internal.codec;

import com.google.errorprone.annotations.CheckReturnValue;
import org.jspecify.annotations.NullMarked;
