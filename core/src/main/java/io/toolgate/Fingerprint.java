package io.toolgate;

import io.toolgate.internal.codec.Codecs;
import io.toolgate.internal.codec.JsonFingerprint;
import org.jspecify.annotations.Nullable;

/**
 * Canonical form of an input, whose hash decides whether two calls with one key have the same input. Equal inputs must
 * have equal bytes, in every process and version that shares the store. An exception fails the call before the action
 * runs. Implementations must be thread-safe.
 */
@FunctionalInterface
public interface Fingerprint<I extends @Nullable Object> {
    /** Returns the canonical bytes of {@code input}. */
    byte[] canonical(I input) throws Exception;

    /**
     * Canonical JSON by Jackson, an optional dependency. The order of members and the notation of numbers do not matter
     * ({@code 1}, {@code 1.0} and {@code 1e0} are equal); the order of elements does. Numbers are compared exactly, not
     * as doubles, so that neighbouring long identifiers stay distinct. Jackson modules on the class path are used: keep
     * them the same in all processes that share a store.
     */
    static <I extends @Nullable Object> Fingerprint<I> json() {
        return JsonFingerprint.create();
    }

    /** The characters of an input that is text. Null differs from the empty text. */
    static Fingerprint<@Nullable String> text() {
        return Codecs::textFingerprint;
    }

    /** Treats all inputs as equal, for actions whose key identifies the request. A different input replays silently. */
    static <I extends @Nullable Object> Fingerprint<I> none() {
        return input -> new byte[0];
    }
}
