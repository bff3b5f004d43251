package io.toolgate;

import static io.toolgate.Gates.KEY;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.errorprone.annotations.CanIgnoreReturnValue;
import io.toolgate.store.ClaimOutcome;
import io.toolgate.store.ClaimRequest;
import io.toolgate.store.ClaimToken;
import io.toolgate.store.InputFingerprint;
import io.toolgate.store.Lease;
import io.toolgate.store.RecordId;
import io.toolgate.store.contract.ModelStore;
import io.toolgate.store.contract.ModelStore.Operation;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Timeout;

/** What tests of easily overlooked races and failures share: a gate here, and a store on the same database elsewhere. */
@Timeout(60)
abstract class HardCases {
    final Gates gates = new Gates();
    final ModelStore store = gates.store();
    final ModelStore other = gates.store(); // another process
    final AtomicInteger runs = new AtomicInteger();
    final AtomicInteger probes = new AtomicInteger();
    final RecordId id = KEY.in("charge-card");

    @AfterEach
    void close() throws Exception {
        gates.close();
    }

    /** Lets real time go by, for a store or a network that is slow. */
    static void pass(long millis) {
        try {
            assertThat(new CountDownLatch(1).await(millis, TimeUnit.MILLISECONDS))
                    .isFalse();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    void awaitPolls() {
        Awaitility.await()
                .atMost(Duration.ofSeconds(10))
                .until(() -> store.hooks().calls(Operation.PEEK_ALL) > 1);
    }

    @CanIgnoreReturnValue
    Lease claimElsewhere(RecordId id, String input, ClaimRequest.OnUnknown onUnknown) {
        return ((ClaimOutcome.Acquired) other.claim(ask(id, input, onUnknown))).lease();
    }

    ClaimRequest ask(RecordId id, String input, ClaimRequest.OnUnknown onUnknown) {
        try {
            return new ClaimRequest(
                    id,
                    ClaimToken.random(new SecureRandom()),
                    "elsewhere",
                    InputFingerprint.ofCanonical(Fingerprint.text().canonical(input)),
                    Duration.ofSeconds(30),
                    Duration.ofDays(7),
                    onUnknown,
                    5);
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }

    ToolGate gate(long waitMillis) {
        return gates.gate(ToolGate.on(store).waitForInProgress(Duration.ofMillis(waitMillis)));
    }
}
