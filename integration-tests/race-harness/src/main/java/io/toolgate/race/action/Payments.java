package io.toolgate.race.action;

import io.toolgate.Attempt;
import io.toolgate.store.StoreException;
import java.io.IOException;
import java.util.Optional;

/** A client of the race's payment provider, whose ledger is the truth about charges. Safe for use by many threads. */
public interface Payments {
    /**
     * Charges, if {@code attempt} still owns the key.
     *
     * @return the receipt; {@link #receipt} finds its name in it
     * @throws PaymentDeclinedException if the charge was declined for good
     * @throws StoreException if the ownership could not be checked; there was no charge
     * @throws io.toolgate.ToolGateException.LeaseLost if the key is not owned any more; there was no charge
     * @throws IOException if there is no receipt; the charge may have happened
     */
    byte[] charge(Attempt attempt, Order order) throws IOException, PaymentDeclinedException;

    /**
     * Looks up the receipt of a charge that this attempt, or an earlier one, may have made.
     *
     * @return empty if there is no such charge
     * @throws IOException if the provider does not answer
     */
    Optional<byte[]> lookup(Attempt attempt) throws IOException;

    /** The name of the charge that {@code receipt} is about. */
    String receipt(byte[] receipt);
}
