package io.toolgate;

import io.toolgate.internal.codec.Codecs;
import io.toolgate.internal.codec.JsonFingerprint;
import org.jspecify.annotations.Nullable;

/**
 * Reduces an input to canonical bytes, whose hash tells whether two calls under one key ask for the same thing. Equal
 * inputs must give equal bytes, in every process and version that shares the store. Implementations are safe for use by
 * many threads; what they throw keeps the call from starting.
 */
@FunctionalInterface
public interface Fingerprint<I extends @Nullable Object> {
    /** The canonical bytes of {@code input}. */
    byte[] canonical(I input) throws Exception;

    /**
     * Canonical JSON, by Jackson, which is an optional dependency. The order of members and the way a number is written
     * do not matter ({@code 1}, {@code 1.0} and {@code 1e0} are equal); the order of elements does. Numbers are compared
     * exactly, not as doubles, so that neighbouring long identifiers stay apart. Jackson modules on the class path take part:
     * keep them the same in all processes that share a store.
     */
    static <I extends @Nullable Object> Fingerprint<I> json() {
        return JsonFingerprint.create();
    }

    /** The input's characters, for inputs that are text. Null is not empty. */
    static Fingerprint<@Nullable String> text() {
        return Codecs::textFingerprint;
    }

    /** Takes all inputs for equal: for actions whose key says everything. A different input then replays silently. */
    static <I extends @Nullable Object> Fingerprint<I> none() {
        return input -> new byte[0];
    }
}
