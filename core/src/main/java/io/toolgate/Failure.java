package io.toolgate;

import io.toolgate.internal.base.Preconditions;
import java.io.Serializable;
import java.nio.charset.StandardCharsets;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The reason why a run has no result, and what is known about its effect. Code and message are stored; the cause is
 * present only for the caller whose run failed. Immutable; equal if kind, code and message are.
 */
public final class Failure implements Serializable {
    private static final long serialVersionUID = 1L;

    /** What is known about the effect. */
    public enum Kind {
        /** The effect was refused, finally: every later call gets the same failure. */
        REJECTED,
        /** The effect certainly did not happen; the key is released for another attempt. */
        NOT_EXECUTED,
        /** The effect may have happened; the action's {@link Recovery} decides. */
        UNKNOWN
    }

    /** The code of {@link #unknown(Throwable)}: a failure made from an exception that was not classified. */
    public static final String UNCLASSIFIED = "unclassified";

    /** The prefix of the codes that only this library uses. */
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

    /** Returns a final failure: stored, and replayed like a result. */
    public static Failure rejected(String code, @Nullable String message) {
        return new Failure(Kind.REJECTED, unreserved(code), message, null);
    }

    /** Returns a failure before the effect. Use it only if the effect certainly did not happen. */
    public static Failure notExecuted(String code, @Nullable String message) {
        return new Failure(Kind.NOT_EXECUTED, unreserved(code), message, null);
    }

    /** Returns a failure before the effect, caused by {@code cause}. */
    public static Failure notExecuted(Throwable cause) {
        return new Failure(Kind.NOT_EXECUTED, "not-executed", describe(cause), cause);
    }

    /** Returns a failure that leaves the effect unknown. */
    public static Failure unknown(String code, @Nullable String message) {
        return new Failure(Kind.UNKNOWN, unreserved(code), message, null);
    }

    /** Returns a failure that leaves the effect unknown, caused by {@code cause}. */
    public static Failure unknown(Throwable cause) {
        return new Failure(Kind.UNKNOWN, UNCLASSIFIED, describe(cause), cause);
    }

    static Failure caused(Kind kind, String code, String message, @Nullable Throwable cause) {
        return new Failure(kind, code, message, cause);
    }

    /** Returns a failure as a store reads it back; any code is allowed. */
    public static Failure of(Kind kind, String code, @Nullable String message) {
        return new Failure(Preconditions.notNull(kind, "kind"), code, message, null);
    }

    /** What is known about the effect. */
    public Kind kind() {
        return kind;
    }

    /**
     * The stable code for programs, 1 to 100 bytes of UTF-8. Codes that start with {@code toolgate:} are the library's.
     */
    public String code() {
        return code;
    }

    /** The message for people, at most 1,000 characters; a longer one was truncated. */
    public String message() {
        return message;
    }

    /** The exception that this failure was made from, if that happened in this process. */
    public Optional<Throwable> cause() {
        return Optional.ofNullable(cause);
    }

    /**
     * Returns the type and message of {@code cause}. Never throws, even if {@code getMessage()} does: a result depends
     * on it.
     */
    public static String describe(Throwable cause) {
        Preconditions.notNull(cause, "cause");
        String type = cause.getClass().getName();
        try {
            String text = cause.getMessage();
            return text == null ? type : type + ": " + text;
        } catch (Throwable e) {
            return type + " (its getMessage() threw)";
        }
    }

    private static String checkCode(String code) {
        Preconditions.name(code, "failure code");
        int bytes = code.getBytes(StandardCharsets.UTF_8).length;
        if (bytes > MAX_CODE_BYTES) {
            throw new IllegalArgumentException("failure code is " + bytes + " bytes of UTF-8; at most " + MAX_CODE_BYTES
                    + " are allowed: move the details to the message");
        }
        return code;
    }

    private static String unreserved(String code) {
        if (code != null && code.startsWith(RESERVED)) {
            throw new IllegalArgumentException("failure code \"" + code + "\" starts with \"" + RESERVED
                    + "\", which is reserved for the library; choose another");
        }
        return code;
    }

    /** Truncates, and replaces what databases refuse as text: no message may keep its own failure from being stored. */
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
