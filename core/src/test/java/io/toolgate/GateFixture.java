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
import java.net.ConnectException;
import java.net.SocketTimeoutException;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.Collection;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Timeout;

/** Fixture of tests at a gate: its store, and another store on the same database that stands in for another process. */
@Timeout(60)
abstract class GateFixture {
    final Gates gates = new Gates();
    final ModelStore store = gates.store();
    final ModelStore other = gates.store();
    final AtomicInteger runs = new AtomicInteger();
    final AtomicInteger probes = new AtomicInteger();
    final RecordId id = KEY.in("charge-card");

    @AfterEach
    void close() throws Exception {
        gates.close();
    }

    /** Sleeps, as a slow store or network would make a caller wait. */
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

    /** A claim of another process for a record of the action of {@link Gates#action}, with a lease of 30 seconds. */
    @CanIgnoreReturnValue
    Lease claimElsewhere(IdempotencyKey key) {
        return claimElsewhere(key.in("charge-card"), "in", ClaimRequest.OnUnknown.HOLD);
    }

    @CanIgnoreReturnValue
    Lease claimElsewhere(RecordId id, String input, ClaimRequest.OnUnknown onUnknown) {
        return ((ClaimOutcome.Acquired) other.claim(claimRequest(id, input, onUnknown))).lease();
    }

    ClaimRequest claimRequest(RecordId id, String input, ClaimRequest.OnUnknown onUnknown) {
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

    /** An action that counts its runs, and whose probe counts its calls and gives {@code answer}. */
    PaidAction.Builder<String, String> probing(ProbeResult<String> answer) {
        return Gates.counting(runs).recovery(Recovery.probe(attempt -> {
            probes.incrementAndGet();
            return answer;
        }));
    }

    /** An action whose run times out, and counts its runs. */
    PaidAction.Builder<String, String> timingOut() {
        return Gates.action((input, attempt) -> {
            runs.incrementAndGet();
            throw new SocketTimeoutException("read timed out");
        });
    }

    /** Classifier: no effect when the connection was refused, else an unknown one. */
    static Failure refusedIsNotExecuted(Throwable thrown) {
        return thrown instanceof ConnectException ? Failure.notExecuted(thrown) : Failure.unknown(thrown);
    }

    /** The highest number of records that one poll has read, from now on. */
    AtomicInteger mostPolledTogether() {
        AtomicInteger most = new AtomicInteger();
        store.hooks().before(Operation.PEEK_ALL, ids -> most.accumulateAndGet(((Collection<?>) ids).size(), Math::max));
        return most;
    }

    ToolGate gate(long waitMillis) {
        return gates.gate(ToolGate.on(store).waitForInProgress(Duration.ofMillis(waitMillis)));
    }
}
