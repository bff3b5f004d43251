package io.toolgate.store;

import io.toolgate.internal.base.Preconditions;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * Request of one caller to own a key. Immutable.
 *
 * @param id the record to claim
 * @param token a fresh token; reuse it only to repeat this request after its answer was lost
 * @param owner the name of the caller's process, for people who read the table; 1 to 255 bytes of UTF-8
 * @param fingerprint the fingerprint of the input
 * @param lease how long the claim holds without a heartbeat, by the store's clock
 * @param retention how long the record is kept at least, counted from its end, see
 *     {@link ClaimMachine#purgeableFrom(IdempotencyRecord)}; at least {@code lease}
 * @param onUnknown what to do with a record whose effect is unknown
 * @param maxAttempts the number of {@linkplain RecordNumbers#attempt() attempts} of unknown effect after which a claim
 *     that would rerun holds instead
 * @param storesRows whether the action stores rows of its own with its result
 * @param input the encoded input, to be remembered; null for none. An acquired claim stores it, in its own commit, as
 *     the checkpoint {@link Checkpoint#INPUT} of the life that it belongs to, unless that life has one already
 */
public record ClaimRequest(
        RecordId id,
        ClaimToken token,
        String owner,
        InputFingerprint fingerprint,
        Duration lease,
        Duration retention,
        OnUnknown onUnknown,
        int maxAttempts,
        boolean storesRows,
        @Nullable Payload input) {

    /** A request without rows and without an input. */
    public ClaimRequest(
            RecordId id,
            ClaimToken token,
            String owner,
            InputFingerprint fingerprint,
            Duration lease,
            Duration retention,
            OnUnknown onUnknown,
            int maxAttempts) {
        this(id, token, owner, fingerprint, lease, retention, onUnknown, maxAttempts, false, null);
    }

    /** This request of an action that stores rows, or not, and with this input; null for none. */
    public ClaimRequest carrying(boolean rows, @Nullable Payload encodedInput) {
        return new ClaimRequest(
                id, token, owner, fingerprint, lease, retention, onUnknown, maxAttempts, rows, encodedInput);
    }

    /** What a claim does with a record whose owner vanished, or failed with its effect unknown. */
    public enum OnUnknown {
        /** Puts the record in doubt, or leaves it there. */
        HOLD,
        /** Takes the record over with the next fence, to probe; that is no attempt, and has no limit. */
        PROBE,
        /** Takes the record over with the next fence, for another attempt. */
        RERUN
    }

    /** Validates the request. */
    public ClaimRequest {
        Preconditions.notNull(id, "id");
        Preconditions.notNull(token, "token");
        Preconditions.identifier(owner, "owner");
        Preconditions.notNull(fingerprint, "fingerprint");
        Preconditions.positive(lease, "lease");
        Preconditions.positive(retention, "retention");
        Preconditions.notNull(onUnknown, "onUnknown");
        Preconditions.atLeastOne(maxAttempts, "maxAttempts");
        if (retention.compareTo(lease) < 0) {
            throw new IllegalArgumentException("retention " + retention + " is shorter than the lease " + lease
                    + "; raise the retention or shorten the lease");
        }
        if (input != null && !input.isAvailable()) {
            throw new IllegalArgumentException("an input that is unavailable cannot be remembered; pass null");
        }
    }
}
