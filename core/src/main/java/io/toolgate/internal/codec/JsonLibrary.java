package io.toolgate.internal.codec;

import io.toolgate.Fingerprint;
import io.toolgate.ResultCodec;
import java.lang.reflect.Type;
import org.jspecify.annotations.Nullable;

/**
 * The JSON library on the class path: Jackson 2 or Jackson 3, and Jackson 2 where both are there. Both write the same
 * bytes and fingerprints, so that a service may change from one to the other. Each has classes of its own, which are
 * loaded only where it is chosen.
 */
public interface JsonLibrary {
    /** What to put on the class path where no library is there. */
    String ARTIFACTS = "com.fasterxml.jackson.core:jackson-databind (Jackson 2, from 2.18 on) or"
            + " tools.jackson.core:jackson-databind (Jackson 3)";

    /**
     * Returns a codec of results of {@code type}.
     *
     * @throws IllegalArgumentException if the library cannot write or read the type
     */
    <R extends @Nullable Object> ResultCodec<R> codec(Type type);

    /** Returns a fingerprint of inputs. */
    <I extends @Nullable Object> Fingerprint<I> fingerprint();

    /** Whether there is a library. */
    static boolean isAvailable() {
        return has("com.fasterxml.jackson.databind.ObjectMapper") || has("tools.jackson.databind.ObjectMapper");
    }

    /**
     * Returns the library.
     *
     * @param user what needs it, for the message if there is none
     * @throws IllegalStateException if there is none
     */
    static JsonLibrary find(String user) {
        if (has("com.fasterxml.jackson.databind.ObjectMapper")) {
            return new Jackson2Library();
        }
        if (has("tools.jackson.databind.ObjectMapper")) {
            return new Jackson3Library();
        }
        throw new IllegalStateException(user + " needs Jackson, which is not on the class path; add " + ARTIFACTS);
    }

    private static boolean has(String type) {
        try {
            Class.forName(type, false, JsonLibrary.class.getClassLoader());
            return true;
        } catch (ClassNotFoundException e) {
            return false;
        }
    }
}
