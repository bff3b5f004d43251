package io.toolgate.race.action;

import io.toolgate.Attempt;
import io.toolgate.store.StoreException;
import java.io.IOException;
import java.util.Optional;

/** The way to the race's payment provider, whose ledger is the truth about charges. Safe for use by many threads. */
public interface Payments {
    /**
     * Asks whether {@code attempt} still owns the key, and charges then.
     *
     * @return the receipt; {@link #receipt} finds its name in it
     * @throws PaymentDeclinedException if nobody was charged, for good
     * @throws StoreException if the ownership could not be checked; nobody was charged
     * @throws io.toolgate.ToolGateException.LeaseLost if the key is not owned any more; nobody was charged
     * @throws IOException if there is no receipt; the charge may have happened
     */
    byte[] charge(Attempt attempt, Order order) throws IOException, PaymentDeclinedException;

    /**
     * Asks for the receipt of a charge that this attempt, or one before it, may have made.
     *
     * @return empty if there is no such charge
     * @throws IOException if the provider does not answer
     */
    Optional<byte[]> lookup(Attempt attempt) throws IOException;

    /** The name of the charge that {@code receipt} is about. */
    String receipt(byte[] receipt);
}
