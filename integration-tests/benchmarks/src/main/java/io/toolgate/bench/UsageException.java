package io.toolgate.bench;

/** Something the user can put right; the message says what is wrong and what to do, on one line. */
public final class UsageException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /** With what to tell the user. */
    public UsageException(String message) {
        super(message);
    }

    /** With what to tell the user, and what it was found out by. */
    public UsageException(String message, Throwable cause) {
        super(message, cause);
    }
}
