package io.toolgate;

import io.toolgate.internal.base.Preconditions;
import io.toolgate.internal.base.Redaction.Redacted;
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

    /** The codes of the failures that the runtime itself makes; all others are those of actions. */
    public static final class Codes {
        /** {@link Failure#unknown(Throwable)}: an exception that was not classified. */
        public static final String UNCLASSIFIED = "unclassified";
        /** {@link Failure#notExecuted(Throwable)}. */
        public static final String NOT_EXECUTED = "not-executed";

        /** In doubt: a claim that holds found the record under a lease that had ended. */
        public static final String OWNER_VANISHED = "owner-vanished";
        /** In doubt: the run lasted longer than its action allows, and may go on. */
        public static final String RUN_TIME_EXCEEDED = "run-time-exceeded";
        /** In doubt: the latest probe did not know. */
        public static final String PROBE_UNKNOWN = "probe-unknown";
        /** In doubt, and not probed any more: an operator must resolve it. */
        public static final String QUARANTINED = "toolgate:quarantined";
        /**
         * In doubt: the effect happened, but the rows that {@linkplain PaidAction.Builder#storing belong to its result}
         * could not be written.
         */
        public static final String ROWS_FAILED = "rows-failed";
        /** The previous attempt's, to an owner whose acknowledgement of a takeover was lost. Never stored. */
        public static final String ACKNOWLEDGEMENT_LOST = "acknowledgement-lost";

        /** Released: the claim was given back before its action started. */
        public static final String NOT_STARTED = "not-started";
        /** Released: the answer to the claim never arrived, and nothing was run. */
        public static final String CLAIM_UNANSWERED = "claim-unanswered";
        /** Released: a reconciler's probe found that there was no effect. */
        public static final String NOT_HAPPENED = "not-happened";
        /** Released: by the decision of an operator. */
        public static final String RESOLVED = "toolgate:resolved";
        /** A retired record, until the next claim replaces it. */
        public static final String RETIRED = "toolgate:retired";

        /** Result unavailable: the codec refused to encode it. */
        public static final String RESULT_NOT_ENCODABLE = "result-not-encodable";
        /** Result unavailable: it is larger than the action allows. */
        public static final String RESULT_TOO_LARGE = "result-too-large";
        /** Result unavailable: the store refused its bytes. */
        public static final String RESULT_NOT_STORABLE = "result-not-storable";
        /** Result unavailable: its bytes could not be decoded, or another codec wrote them. */
        public static final String RESULT_NOT_DECODABLE = "result-not-decodable";
        /** Result unavailable: the record was deleted while the call waited for its run. */
        public static final String RECORD_GONE = "record-gone";

        private Codes() {}
    }

    /** The prefix of the codes that only this library uses. */
    private static final String RESERVED = "toolgate:";

    private static final int MAX_CODE_BYTES = 100;
    private static final int MAX_MESSAGE_CHARS = 1000;

    private final Kind kind;
    private final String code;
    private final String message;
    private final @Nullable Throwable cause;
    private final boolean rememberedByProvider;

    private Failure(Kind kind, String code, @Nullable String message, @Nullable Throwable cause) {
        this(kind, checkCode(code), storable(message == null ? "" : message), cause, false);
    }

    private Failure(Kind kind, String code, String message, @Nullable Throwable cause, boolean rememberedByProvider) {
        this.kind = kind;
        this.code = code;
        this.message = message;
        this.cause = cause;
        this.rememberedByProvider = rememberedByProvider;
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
        return new Failure(Kind.NOT_EXECUTED, Codes.NOT_EXECUTED, describe(cause), cause);
    }

    /** Returns a failure that leaves the effect unknown. */
    public static Failure unknown(String code, @Nullable String message) {
        return new Failure(Kind.UNKNOWN, unreserved(code), message, null);
    }

    /** Returns a failure that leaves the effect unknown, caused by {@code cause}. */
    public static Failure unknown(Throwable cause) {
        return new Failure(Kind.UNKNOWN, Codes.UNCLASSIFIED, describe(cause), cause);
    }

    /** Returns a failure as a store reads it back; any code is allowed. */
    public static Failure of(Kind kind, String code, @Nullable String message) {
        return new Failure(Preconditions.notNull(kind, "kind"), code, message, null);
    }

    /**
     * Returns this failure, of a provider that keeps its answer under the idempotency key it was sent, so that every
     * repetition with that key gets the same answer. The next attempt then has another {@link Attempt#providerKey()};
     * unless the effect of an earlier attempt is unknown: then the provider key stays until that is settled.
     *
     * @throws IllegalStateException if this failure is not of kind {@link Kind#NOT_EXECUTED}
     */
    public Failure rememberedByProvider() {
        if (kind != Kind.NOT_EXECUTED) {
            throw new IllegalStateException("the failure is of kind " + kind + "; only after one that certainly had no"
                    + " effect, Failure.notExecuted(…), may the next attempt use another provider key");
        }
        return new Failure(kind, code, message, cause, true);
    }

    /** Whether the next attempt needs another provider key, see {@link #rememberedByProvider()}. Not stored. */
    public boolean isRememberedByProvider() {
        return rememberedByProvider;
    }

    /** Returns this failure, caused by {@code cause}. */
    public Failure causedBy(@Nullable Throwable cause) {
        return new Failure(kind, code, message, cause, rememberedByProvider);
    }

    /** What is known about the effect. */
    public Kind kind() {
        return kind;
    }

    /**
     * The stable code for programs, 1 to 100 bytes of UTF-8. Those of the runtime are in {@link Codes}; codes that
     * start with {@code toolgate:} are the library's alone.
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
        if (cause instanceof Redacted) {
            return String.valueOf(cause.getMessage());
        }
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
