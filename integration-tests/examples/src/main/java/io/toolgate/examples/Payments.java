package io.toolgate.examples;

import io.toolgate.ProbeResult;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;

/** A payment provider, in memory in place of a client of its HTTP API. It charges once for one provider key. */
public final class Payments {
    private final Map<String, Receipt> charged = new ConcurrentHashMap<>();

    /** Charges a card. */
    public Receipt charge(Charge charge, String providerKey) {
        return charged.computeIfAbsent(providerKey, key -> {
            System.out.println("charged " + charge.order());
            return new Receipt(UUID.randomUUID().toString(), charge.order(), charge.cents());
        });
    }

    /** Finds out whether a charge happened, for an attempt that ended without a known result. */
    public ProbeResult<Receipt> lookup(String providerKey) {
        Receipt receipt = charged.get(providerKey);
        return receipt == null ? ProbeResult.notHappened() : ProbeResult.happened(receipt);
    }
}
