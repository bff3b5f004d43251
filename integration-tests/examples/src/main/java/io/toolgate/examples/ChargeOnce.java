package io.toolgate.examples;

import io.toolgate.Fingerprint;
import io.toolgate.IdempotencyKey;
import io.toolgate.JsonCodec;
import io.toolgate.PaidAction;
import io.toolgate.Recovery;
import io.toolgate.ToolGate;
import io.toolgate.store.jdbc.JdbcIdempotencyStore;

/**
 * Charges the card for one order, once, however often this program runs: later runs print the receipt of the first.
 * Its argument is the URL of a database; without one it is a SQLite file.
 */
public final class ChargeOnce {
    private ChargeOnce() {}

    /** Prints the receipt, and {@code charged order-981} if the provider was called. */
    public static void main(String[] args) {
        String url = args.length == 0 ? "jdbc:sqlite:toolgate.db" : args[0];
        Payments payments = new Payments();
        Charge request = new Charge("order-981", 4200);

        // README: begin
        PaidAction<Charge, Receipt> charge = PaidAction.<Charge, Receipt>named("charge-card")
                .run((input, attempt) -> payments.charge(input, attempt.providerKey()))
                .codec(JsonCodec.of(Receipt.class))
                .fingerprint(Fingerprint.json())
                .recovery(Recovery.probe(attempt -> payments.lookup(attempt.providerKey())))
                .build();

        JdbcIdempotencyStore store = JdbcIdempotencyStore.open(url);
        ToolGate gate = ToolGate.on(store).build();
        Receipt receipt = gate.execute(charge, IdempotencyKey.of("tenant-42", "order-981"), request)
                .valueOrThrow();
        // README: end

        System.out.println(receipt);
        gate.close();
        store.close();
    }
}
