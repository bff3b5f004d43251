package io.toolgate.race.worker;

import io.toolgate.Fingerprint;
import io.toolgate.Outcome;
import io.toolgate.PaidAction;
import io.toolgate.ResultCodec;
import io.toolgate.ToolGate;
import io.toolgate.race.provider.ChargeRequest;
import io.toolgate.race.provider.ProviderClient;
import java.time.Duration;
import java.util.UUID;

/** How a worker has a key charged. */
@FunctionalInterface
interface ChargeCall {
    /** Charges for the key with this text, or gives the receipt of the charge that was made for it. */
    Outcome<byte[]> charge(String key) throws Exception;

    /** Through the gate: the thing under test. */
    static ChargeCall through(ToolGate gate, PaidAction<ChargeRequest, byte[]> action, RaceKeys keys) {
        return key -> gate.execute(action, keys.key(key), request(keys, key));
    }

    /** Straight to the provider, as a service without ToolGate would. */
    static ChargeCall bypassing(ProviderClient provider, RaceKeys keys) {
        return key -> new Outcome.Completed<>(
                provider.charge(
                        request(keys, key),
                        keys.providerKey(key),
                        UUID.randomUUID().toString()),
                Outcome.Origin.EXECUTED);
    }

    /** How long records of a run are kept: if it is killed before it can remove them, they may be purged soon. */
    Duration RETENTION = Duration.ofHours(1);

    /** The charge as an action, which holds what it is unsure about. */
    static PaidAction<ChargeRequest, byte[]> action(ProviderClient provider) {
        Fingerprint<ChargeRequest> fingerprint =
                request -> Fingerprint.text().canonical(request.account() + " owes " + request.amount());
        return PaidAction.<ChargeRequest, byte[]>named(RaceKeys.ACTION)
                .run((request, attempt) -> provider.charge(
                        request, attempt.providerKey(), UUID.randomUUID().toString()))
                .codec(ResultCodec.bytes())
                .fingerprint(fingerprint)
                .retention(RETENTION)
                .build();
    }

    private static ChargeRequest request(RaceKeys keys, String key) {
        return new ChargeRequest(keys.account(key), 100);
    }
}
