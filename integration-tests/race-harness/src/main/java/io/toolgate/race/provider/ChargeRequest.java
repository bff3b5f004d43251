package io.toolgate.race.provider;

/**
 * A request to charge somebody.
 *
 * @param account whom
 * @param amount how much, in the currency's smallest unit
 * @param conduct how the provider is to behave
 * @param slowMillis how long the charge takes if it is to be {@link Conduct#SLOW}
 */
public record ChargeRequest(String account, long amount, Conduct conduct, long slowMillis) {
    /** One that the provider treats as any other. */
    public ChargeRequest(String account, long amount) {
        this(account, amount, Conduct.NORMAL, 0);
    }
}
