package io.toolgate.scenarios;

import io.toolgate.Fingerprint;
import io.toolgate.store.ClaimOutcome;
import io.toolgate.store.ClaimRequest;
import io.toolgate.store.ClaimRequest.OnUnknown;
import io.toolgate.store.ClaimToken;
import io.toolgate.store.IdempotencyStore;
import io.toolgate.store.InputFingerprint;
import io.toolgate.store.Lease;
import io.toolgate.store.RecordId;
import java.security.SecureRandom;
import java.time.Duration;

/** An owner that dies right after its claim. */
final class DeadOwner {
    private DeadOwner() {}

    /** The lease that it leaves behind, on a key with the input {@code in}. */
    static Lease claim(IdempotencyStore store, RecordId id, Duration lease) {
        try {
            ClaimOutcome claimed = store.claim(new ClaimRequest(
                    id,
                    ClaimToken.random(new SecureRandom()),
                    "dead process",
                    InputFingerprint.ofCanonical(Fingerprint.text().canonical("in")),
                    lease,
                    Duration.ofDays(1),
                    OnUnknown.HOLD,
                    5));
            return ((ClaimOutcome.Acquired) claimed).lease();
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }
}
