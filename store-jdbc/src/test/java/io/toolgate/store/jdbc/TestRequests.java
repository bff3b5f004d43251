package io.toolgate.store.jdbc;

import io.toolgate.store.ClaimOutcome;
import io.toolgate.store.ClaimRequest;
import io.toolgate.store.ClaimRequest.OnUnknown;
import io.toolgate.store.ClaimToken;
import io.toolgate.store.IdempotencyRecord;
import io.toolgate.store.IdempotencyStore;
import io.toolgate.store.InputFingerprint;
import io.toolgate.store.Lease;
import io.toolgate.store.Payload;
import io.toolgate.store.RecordId;
import io.toolgate.store.ResolveRequest;
import io.toolgate.store.ResolveRequest.Verdict;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;

/** Requests to stores, and the values in them, for tests. */
public final class TestRequests {
    private static final SecureRandom RANDOM = new SecureRandom();
    private static final AtomicLong KEYS = new AtomicLong();
    public static final Duration LEASE = Duration.ofSeconds(30);
    public static final Duration RETENTION = Duration.ofHours(1);

    private TestRequests() {}

    /** An identity that no other test has. */
    public static RecordId freshId() {
        return RecordId.of("tenant", "charge", "secret-order-" + KEYS.incrementAndGet());
    }

    public static ClaimToken token() {
        return ClaimToken.random(RANDOM);
    }

    /** A claim that holds what is in doubt. */
    public static ClaimRequest hold(RecordId id) {
        return request(id, OnUnknown.HOLD);
    }

    /** A claim that takes what is in doubt. */
    public static ClaimRequest take(RecordId id) {
        return request(id, OnUnknown.RERUN);
    }

    /** {@code request} with an input. */
    public static ClaimRequest remembering(ClaimRequest request, String input) {
        return request.carrying(false, result(input));
    }

    private static ClaimRequest request(RecordId id, OnUnknown onUnknown) {
        return new ClaimRequest(id, token(), "test", fingerprint("input"), LEASE, RETENTION, onUnknown, 100);
    }

    public static InputFingerprint fingerprint(String input) {
        return InputFingerprint.ofCanonical(input.getBytes(StandardCharsets.UTF_8));
    }

    public static Payload result(String text) {
        return Payload.of("text", text.getBytes(StandardCharsets.UTF_8));
    }

    /** The lease of a claim that must succeed. */
    public static Lease acquired(IdempotencyStore store, ClaimRequest request) {
        ClaimOutcome outcome = store.claim(request);
        if (outcome instanceof ClaimOutcome.Acquired acquired) {
            return acquired.lease();
        }
        throw new AssertionError("not acquired but " + outcome);
    }

    /** A decision about the record as it stands in {@code store}. */
    public static ResolveRequest decide(IdempotencyStore store, RecordId id, Verdict verdict) {
        IdempotencyRecord record = store.peek(id).orElseThrow();
        return new ResolveRequest(id, record.fence(), record.version(), token(), verdict, "ann", "it was so");
    }

    /** The decision to retire the record as it stands in {@code store}. */
    public static ResolveRequest retire(IdempotencyStore store, RecordId id) {
        return decide(store, id, new Verdict.Retire());
    }
}
