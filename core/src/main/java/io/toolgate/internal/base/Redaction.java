package io.toolgate.internal.base;

import io.toolgate.Failure;
import io.toolgate.PaidAction;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * What is written of the messages of an action's exceptions and failures, in records and in the log. Whatever its
 * function throws or returns, there is a text: the end of a run depends on it.
 */
public final class Redaction {
    /** The function of an action that declares none. */
    public static final UnaryOperator<String> NOTHING = message -> message;

    /** Causes may form a circle. */
    private static final int MAX_CAUSES = 20;

    private final UnaryOperator<String> function;

    private Redaction(UnaryOperator<String> function) {
        this.function = function;
    }

    /** The redaction that {@code action} declares. */
    public static Redaction of(PaidAction<?, ?> action) {
        return of(action.redaction());
    }

    /** The redaction by {@code function}. */
    public static Redaction of(UnaryOperator<String> function) {
        return new Redaction(function);
    }

    /** Whether nothing is redacted. */
    public boolean isNone() {
        return function == NOTHING;
    }

    /** An exception in the form that may be written: type, redacted message and stack trace of another one. */
    public static final class Redacted extends Exception {
        private static final long serialVersionUID = 1L;
        private final transient Throwable original;

        private Redacted(Throwable original, String message, @Nullable Throwable cause) {
            super(message, cause);
            this.original = original;
            setStackTrace(original.getStackTrace());
        }

        /** The exception as it was thrown. */
        public Throwable original() {
            return original;
        }
    }

    /** {@code message}, redacted. */
    public String text(String message) {
        if (isNone() || message.isEmpty()) {
            return message;
        }
        try {
            String text = function.apply(message);
            return text == null ? "" : text;
        } catch (Throwable e) {
            return "(left out: its redaction threw " + e.getClass().getName() + ")";
        }
    }

    /** {@code failure} with a redacted message. Its cause, which is not stored, is left as it is. */
    public Failure failure(Failure failure) {
        String text = text(failure.message());
        if (text.equals(failure.message())) {
            return failure;
        }
        Failure redacted = Failure.of(failure.kind(), failure.code(), text)
                .causedBy(failure.cause().orElse(null));
        return failure.isRememberedByProvider() ? redacted.rememberedByProvider() : redacted;
    }

    /** {@code thrown} in the form that may be logged: itself, if nothing is redacted. */
    public @Nullable Throwable forLog(@Nullable Throwable thrown) {
        return isNone() || thrown == null ? thrown : redacted(thrown);
    }

    /** {@code thrown} with its causes, redacted. */
    public Redacted redacted(Throwable thrown) {
        return redacted(thrown, MAX_CAUSES);
    }

    private Redacted redacted(Throwable thrown, int depth) {
        Throwable cause = depth == 0 ? null : thrown.getCause();
        Redacted redacted = new Redacted(thrown, describe(thrown), cause == null ? null : redacted(cause, depth - 1));
        if (depth > 0) {
            for (Throwable suppressed : thrown.getSuppressed()) {
                redacted.addSuppressed(redacted(suppressed, 0));
            }
        }
        return redacted;
    }

    private String describe(Throwable thrown) {
        String type = thrown.getClass().getName();
        String message;
        try {
            message = thrown.getMessage();
        } catch (Throwable e) {
            return type + " (its getMessage() threw)";
        }
        return message == null ? type : type + ": " + text(message);
    }
}
