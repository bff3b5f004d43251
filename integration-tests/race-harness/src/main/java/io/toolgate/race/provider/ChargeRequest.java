package io.toolgate.race.provider;

/**
 * Request to charge an account.
 *
 * @param account the account
 * @param amount the amount, in the currency's smallest unit
 * @param conduct the behaviour of the provider for this request
 * @param slowMillis how long a {@link Conduct#SLOW} charge takes
 */
public record ChargeRequest(String account, long amount, Conduct conduct, long slowMillis) {
    /** A request that the provider treats normally. */
    public ChargeRequest(String account, long amount) {
        this(account, amount, Conduct.NORMAL, 0);
    }
}
