package io.toolgate;

import io.toolgate.internal.base.Preconditions;
import java.io.Serializable;
import java.nio.charset.StandardCharsets;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Why a run has no result, and what that says about its effect. Code and message are stored; the cause is only there for
 * the caller whose run failed. Immutable, compared by kind, code and message.
 */
public final class Failure implements Serializable {
    private static final long serialVersionUID = 1L;

    /** What a failure says about the effect. */
    public enum Kind {
        /** Final: the effect was refused, and every later caller is told the same. */
        REJECTED,
        /** The effect certainly did not happen; the key is released for another attempt. */
        NOT_EXECUTED,
        /** The effect may have happened; the action's {@link Recovery} decides. */
        UNKNOWN
    }

    /** The code of a failure that was made from an exception of which nobody knows what it says about the effect. */
    public static final String UNCLASSIFIED = "unclassified";

    /** How codes begin that only this library gives. */
    private static final String RESERVED = "toolgate:";

    private static final int MAX_CODE_BYTES = 100;
    private static final int MAX_MESSAGE_CHARS = 1000;

    private final Kind kind;
    private final String code;
    private final String message;
    private final @Nullable Throwable cause;

    private Failure(Kind kind, String code, @Nullable String message, @Nullable Throwable cause) {
        this.kind = kind;
        this.code = checkCode(code);
        this.message = storable(message == null ? "" : message);
        this.cause = cause;
    }

    /** A final failure: stored, and replayed like a result. */
    public static Failure rejected(String code, @Nullable String message) {
        return new Failure(Kind.REJECTED, unreserved(code), message, null);
    }

    /** A failure before the effect. Use it only where the effect is known not to have happened. */
    public static Failure notExecuted(String code, @Nullable String message) {
        return new Failure(Kind.NOT_EXECUTED, unreserved(code), message, null);
    }

    /** A failure before the effect, shown by {@code cause}. */
    public static Failure notExecuted(Throwable cause) {
        return new Failure(Kind.NOT_EXECUTED, "not-executed", describe(cause), cause);
    }

    /** A failure that leaves open whether the effect happened. */
    public static Failure unknown(String code, @Nullable String message) {
        return new Failure(Kind.UNKNOWN, unreserved(code), message, null);
    }

    /** A failure that leaves open whether the effect happened, shown by {@code cause}. */
    public static Failure unknown(Throwable cause) {
        return new Failure(Kind.UNKNOWN, UNCLASSIFIED, describe(cause), cause);
    }

    /** A failure of {@code kind}, as a store reads it back. */
    public static Failure of(Kind kind, String code, @Nullable String message) {
        return new Failure(Preconditions.notNull(kind, "kind"), code, message, null);
    }

    /** What it says about the effect. */
    public Kind kind() {
        return kind;
    }

    /** A short stable word for programs; 1 to 100 bytes of UTF-8. Those that begin with {@code toolgate:} are the runtime's. */
    public String code() {
        return code;
    }

    /** A sentence for people, of at most 1,000 characters; longer ones were cut. */
    public String message() {
        return message;
    }

    /** The exception behind it, where this failure was made from one in this process. */
    public Optional<Throwable> cause() {
        return Optional.ofNullable(cause);
    }

    /** The type and message of an exception, however badly it behaves: describing one must not be what loses a result. */
    public static String describe(Throwable cause) {
        Preconditions.notNull(cause, "cause");
        String type = cause.getClass().getName();
        try {
            String text = cause.getMessage();
            return text == null ? type : type + ": " + text;
        } catch (Throwable e) {
            return type + ", whose message could not be had";
        }
    }

    private static String checkCode(String code) {
        Preconditions.name(code, "failure code");
        int bytes = code.getBytes(StandardCharsets.UTF_8).length;
        if (bytes > MAX_CODE_BYTES) {
            throw new IllegalArgumentException("failure code is " + bytes + " bytes of UTF-8; at most " + MAX_CODE_BYTES
                    + " are allowed: put the details into the message");
        }
        return code;
    }

    private static String unreserved(String code) {
        if (code != null && code.startsWith(RESERVED)) {
            throw new IllegalArgumentException("failure code \"" + code + "\" begins with \"" + RESERVED
                    + "\", which is kept for the runtime's own; choose another");
        }
        return code;
    }

    /** Cuts, and replaces what no database takes as text: an exception's message must never stop its own storing. */
    private static String storable(String message) {
        StringBuilder out = new StringBuilder(Math.min(message.length(), MAX_MESSAGE_CHARS));
        for (int i = 0; i < message.length(); i++) {
            char c = message.charAt(i);
            boolean pair = Character.isHighSurrogate(c)
                    && i + 1 < message.length()
                    && Character.isLowSurrogate(message.charAt(i + 1));
            if (out.length() + (pair ? 2 : 1) > MAX_MESSAGE_CHARS - 1) {
                return out.append('…').toString();
            }
            if (pair) {
                out.append(c).append(message.charAt(++i));
            } else {
                out.append(c == 0 || Character.isSurrogate(c) ? '\uFFFD' : c);
            }
        }
        return out.toString();
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof Failure that
                && kind == that.kind
                && code.equals(that.code)
                && message.equals(that.message);
    }

    @Override
    public int hashCode() {
        return Objects.hash(kind, code, message);
    }

    @Override
    public String toString() {
        return "Failure[" + kind + ", " + code + (message.isEmpty() ? "" : ": " + message) + "]";
    }
}
