package io.toolgate.store.contract;

import static org.assertj.core.api.Assertions.assertThat;

import io.toolgate.Failure;
import io.toolgate.store.ClaimMachine;
import io.toolgate.store.ClaimOutcome;
import io.toolgate.store.ClaimOutcome.Acquired;
import io.toolgate.store.ClaimOutcome.Busy;
import io.toolgate.store.ClaimOutcome.Finished;
import io.toolgate.store.ClaimOutcome.InDoubt;
import io.toolgate.store.ClaimOutcome.Mismatched;
import io.toolgate.store.ClaimOutcome.Paused;
import io.toolgate.store.IdempotencyRecord;
import io.toolgate.store.IdempotencyStore;
import io.toolgate.store.Lease;
import io.toolgate.store.Payload;
import io.toolgate.store.RecordId;
import io.toolgate.store.ResolveOutcome;
import io.toolgate.store.ResolveOutcome.AlreadyResolved;
import io.toolgate.store.ResolveOutcome.RefusalReason;
import io.toolgate.store.ResolveOutcome.Refused;
import io.toolgate.store.ResolveOutcome.Resolved;
import io.toolgate.store.ResolveRequest;
import io.toolgate.store.ResolveRequest.Verdict;
import io.toolgate.store.TransitionOutcome;
import io.toolgate.store.TransitionOutcome.AlreadyApplied;
import io.toolgate.store.TransitionOutcome.Applied;
import io.toolgate.store.TransitionOutcome.LeaseLost;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.atomic.AtomicInteger;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.TestInstances;

/** Base of the groups of the contract: shared values, operations and assertions. */
@ExtendWith(Rules.InContract.class)
abstract class Rules {
    static final Duration LEASE = TestClaim.LEASE;
    static final Duration RETENTION = TestClaim.RETENTION;
    static final Duration MOMENT = Duration.ofSeconds(1);

    /** Real time that may pass between two lines of a test where the clock is the database's own. */
    static final Duration TOLERANCE = Duration.ofSeconds(20);

    static final Failure DECLINED = Failure.rejected("declined", "the card was declined");
    static final Failure NOT_SENT = Failure.notExecuted("not-sent", "the provider was not reached");
    static final Failure TIMED_OUT = Failure.unknown("timed-out", "the provider did not answer");

    static final String OPERATOR = "operator-1";
    static final String REASON = "asked the provider by telephone";

    private static final AtomicInteger KEYS = new AtomicInteger();

    private IdempotencyStoreContract contract;

    Fixture fixture() {
        return contract.fixture();
    }

    /** The class of the store's test. */
    Class<?> testClass() {
        return contract.getClass();
    }

    /** Hands each group the contract whose nested class it is. */
    static final class InContract implements BeforeEachCallback {
        @Override
        public void beforeEach(ExtensionContext context) {
            TestInstances instances = context.getRequiredTestInstances();
            instances.findInstance(Rules.class).orElseThrow().contract =
                    instances.findInstance(IdempotencyStoreContract.class).orElseThrow();
        }
    }

    IdempotencyStore store() {
        return fixture().first();
    }

    /** Another store on the same database. */
    IdempotencyStore other() {
        return fixture().second();
    }

    void advance(Duration step) {
        fixture().advance(step);
    }

    void expireLease() {
        advance(LEASE.plus(MOMENT));
    }

    void passRetention() {
        advance(RETENTION.plus(MOMENT));
    }

    static RecordId freshId() {
        return RecordId.of("tenant-1", "charge-card", "key-" + KEYS.incrementAndGet());
    }

    static TestClaim claimOf(RecordId id) {
        return TestClaim.of(id);
    }

    static Payload text(String result) {
        return Payload.of("text", result.getBytes(StandardCharsets.UTF_8));
    }

    /** Claims, and waits out the pause of a key that was released. */
    Acquired acquire(TestClaim claim) {
        ClaimOutcome outcome = store().claim(claim.request());
        if (outcome instanceof Paused paused) {
            passPause(paused.record());
            outcome = store().claim(claim.request());
        }
        return acquired(outcome);
    }

    void passPause(IdempotencyRecord released) {
        advance(ClaimMachine.pauseAfter(released.numbers().refusals()));
    }

    Lease own(RecordId id) {
        return acquire(claimOf(id)).lease();
    }

    Lease completed(RecordId id, Payload result) {
        Lease lease = own(id);
        applied(store().complete(lease, result));
        return lease;
    }

    Lease failed(RecordId id, Failure failure) {
        Lease lease = own(id);
        applied(store().fail(lease, failure));
        return lease;
    }

    /** A decision about the record of {@code id} as it stands. */
    ResolveRequest decision(RecordId id, Verdict verdict) {
        return decision(stored(id), verdict);
    }

    /** A decision about {@code seen}. */
    static ResolveRequest decision(IdempotencyRecord seen, Verdict verdict) {
        return new ResolveRequest(
                seen.id(),
                seen.fence(),
                seen.version(),
                claimOf(seen.id()).request().token(),
                verdict,
                OPERATOR,
                REASON);
    }

    Resolved decide(RecordId id, Verdict verdict) {
        return resolved(store().resolve(decision(id, verdict)));
    }

    Resolved retire(RecordId id) {
        return decide(id, new Verdict.Retire());
    }

    IdempotencyRecord stored(RecordId id) {
        return fixture().stored(id).orElseThrow(() -> new AssertionError("there is no record of " + id));
    }

    /** Asserts that {@code action} leaves the record of {@code id} exactly as it is. */
    void changesNothing(RecordId id, Runnable action) {
        var before = fixture().stored(id);
        action.run();
        assertThat(fixture().stored(id)).as("the record, which must not change").isEqualTo(before);
    }

    void assertNow(Instant instant, Instant readAt) {
        fixture()
                .standingClock()
                .ifPresentOrElse(
                        now -> assertThat(instant).isEqualTo(now),
                        () -> assertThat(Duration.between(instant, readAt).abs())
                                .isLessThan(TOLERANCE));
    }

    static Acquired acquired(ClaimOutcome outcome) {
        return is(outcome, Acquired.class);
    }

    static Busy busy(ClaimOutcome outcome) {
        return is(outcome, Busy.class);
    }

    static Paused paused(ClaimOutcome outcome) {
        return is(outcome, Paused.class);
    }

    static IdempotencyRecord finished(ClaimOutcome outcome) {
        return is(outcome, Finished.class).record();
    }

    static IdempotencyRecord inDoubt(ClaimOutcome outcome) {
        return is(outcome, InDoubt.class).record();
    }

    static IdempotencyRecord mismatched(ClaimOutcome outcome) {
        return is(outcome, Mismatched.class).record();
    }

    static Applied applied(TransitionOutcome outcome) {
        return is(outcome, Applied.class);
    }

    static AlreadyApplied alreadyApplied(TransitionOutcome outcome) {
        return is(outcome, AlreadyApplied.class);
    }

    static LeaseLost leaseLost(TransitionOutcome outcome) {
        return is(outcome, LeaseLost.class);
    }

    static Resolved resolved(ResolveOutcome outcome) {
        return is(outcome, Resolved.class);
    }

    static AlreadyResolved alreadyResolved(ResolveOutcome outcome) {
        return is(outcome, AlreadyResolved.class);
    }

    static Refused refused(ResolveOutcome outcome, RefusalReason why) {
        Refused refused = is(outcome, Refused.class);
        assertThat(refused.reason()).as("why %s", refused).isEqualTo(why);
        return refused;
    }

    private static <T> T is(Object outcome, Class<T> type) {
        return assertThat(outcome)
                .asInstanceOf(InstanceOfAssertFactories.type(type))
                .actual();
    }
}
