package io.toolgate.race.action;

/** The provider declined the charge for good. */
public final class PaymentDeclinedException extends Exception {
    private static final long serialVersionUID = 1L;

    private final String code;

    /** With the provider's reason. */
    public PaymentDeclinedException(String code, String message) {
        super(message);
        this.code = code;
    }

    /** The reason in one word. */
    public String code() {
        return code;
    }
}
