package io.toolgate.support;

/** A mistake that the user can correct; the message says on one line what is wrong and what to do. */
public final class UsageException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /** With the message for the user. */
    public UsageException(String message) {
        super(message);
    }

    /** With the message for the user, and the exception that revealed the mistake. */
    public UsageException(String message, Throwable cause) {
        super(message, cause);
    }
}
