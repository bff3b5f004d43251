package io.toolgate.store.contract;

import com.google.errorprone.annotations.CanIgnoreReturnValue;
import io.toolgate.store.ClaimRequest;
import io.toolgate.store.ClaimRequest.OnUnknown;
import io.toolgate.store.ClaimToken;
import io.toolgate.store.InputFingerprint;
import io.toolgate.store.Payload;
import io.toolgate.store.RecordId;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** Builder of claim requests, with defaults that suit most tests. */
public final class TestClaim {
    /** The default lease. */
    public static final Duration LEASE = Duration.ofSeconds(30);

    /** The default retention. */
    public static final Duration RETENTION = Duration.ofHours(1);

    private static final SecureRandom RANDOM = new SecureRandom();

    private final RecordId id;
    private ClaimToken token = ClaimToken.random(RANDOM);
    private String owner = "owner-1";
    private InputFingerprint fingerprint = input("input-1");
    private Duration lease = LEASE;
    private Duration retention = RETENTION;
    private OnUnknown onUnknown = OnUnknown.HOLD;
    private int maxAttempts = 5;
    private boolean storesRows;
    private @Nullable Payload input;

    private TestClaim(RecordId id) {
        this.id = id;
    }

    /** A claim of {@code id} with a fresh token, that holds. */
    public static TestClaim of(RecordId id) {
        return new TestClaim(id);
    }

    /** The fingerprint of {@code text}. */
    public static InputFingerprint input(String text) {
        return InputFingerprint.ofCanonical(text.getBytes(StandardCharsets.UTF_8));
    }

    @CanIgnoreReturnValue
    TestClaim token(ClaimToken token) {
        this.token = token;
        return this;
    }

    @CanIgnoreReturnValue
    TestClaim owner(String owner) {
        this.owner = owner;
        return this;
    }

    @CanIgnoreReturnValue
    TestClaim forInput(String text) {
        this.fingerprint = input(text);
        return this;
    }

    @CanIgnoreReturnValue
    TestClaim lease(Duration lease) {
        this.lease = lease;
        return this;
    }

    @CanIgnoreReturnValue
    TestClaim retention(Duration retention) {
        this.retention = retention;
        return this;
    }

    @CanIgnoreReturnValue
    TestClaim onUnknown(OnUnknown onUnknown) {
        this.onUnknown = onUnknown;
        return this;
    }

    /** Takes over a record of unknown effect, to run again. */
    @CanIgnoreReturnValue
    TestClaim taking() {
        return onUnknown(OnUnknown.RERUN);
    }

    /** Takes over a record of unknown effect, to probe. */
    @CanIgnoreReturnValue
    TestClaim probing() {
        return onUnknown(OnUnknown.PROBE);
    }

    @CanIgnoreReturnValue
    TestClaim maxAttempts(int maxAttempts) {
        this.maxAttempts = maxAttempts;
        return this;
    }

    /** Of an action that stores rows with its results. */
    @CanIgnoreReturnValue
    public TestClaim storingRows() {
        this.storesRows = true;
        return this;
    }

    /** Carries an input to be remembered. */
    @CanIgnoreReturnValue
    public TestClaim remembering(Payload input) {
        this.input = input;
        return this;
    }

    /** The request. */
    public ClaimRequest request() {
        return new ClaimRequest(
                id, token, owner, fingerprint, lease, retention, onUnknown, maxAttempts, storesRows, input);
    }
}
