package io.toolgate;

import io.toolgate.internal.codec.Codecs;
import io.toolgate.internal.codec.JsonLibrary;
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
     * Canonical JSON by Jackson, an optional dependency: 2 (from 2.18 on) or 3, which give equal fingerprints.
     *
     * <p>Equal are inputs that differ in the order of members or of the elements of a {@code Set}, in the notation of a
     * number ({@code 1}, {@code 1.0} and {@code 1e0}; numbers are compared exactly, not as doubles), or in a member
     * that is null in one and missing in the other. Different are inputs that differ in anything else that Jackson
     * writes: of a record its components, of a bean its getters. Where a value may be of several classes (a member that
     * is declared as an interface, an open class or {@code Object}, or an input whose class has a supertype), the name
     * of its class counts, or the name that {@code @JsonTypeInfo} gives it.
     *
     * <p>How an input type may change is told in {@code EVOLUTION.md}. Jackson modules are those on the class path of
     * this library: keep them the same in all processes that share a store.
     *
     * @throws IllegalStateException if Jackson is not on the class path
     */
    static <I extends @Nullable Object> Fingerprint<I> json() {
        return JsonLibrary.find("Fingerprint.json()").fingerprint();
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
