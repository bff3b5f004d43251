package io.toolgate.store.contract;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Tag;

/**
 * The contract of {@link io.toolgate.store.IdempotencyStore}. A store's test extends it and says in a few lines how to
 * open the store:
 *
 * <pre>{@code
 * class MyStoreContractTest extends IdempotencyStoreContract {
 *     @Override
 *     protected StoreUnderTest newStore() {
 *         return new MyStoreUnderTest();
 *     }
 * }
 * }</pre>
 *
 * <p>Each test names its rule by {@link Rule}. After each test the whole store is validated: no record
 * contradicts itself, no finished record that was seen has changed or is lost, fence and version only grew, no attempt
 * had two owners, and {@link StoreUnderTest#check()} found nothing.
 */
@DisplayNameGeneration(DisplayNameGenerator.Simple.class)
public abstract class IdempotencyStoreContract {
    private Fixture fixture;

    /** An empty database of the store's kind; called before each test. */
    protected abstract StoreUnderTest newStore() throws Exception;

    final Fixture fixture() {
        return fixture;
    }

    @BeforeEach
    final void openFixture() throws Exception {
        fixture = new Fixture(newStore());
    }

    @AfterEach
    final void verifyAndCloseFixture() throws Exception {
        // Null if newStore() threw, which is reported already.
        if (fixture != null) {
            try (Fixture closing = fixture) {
                closing.verify();
            }
        }
    }

    @Nested
    class Claiming extends ClaimingRules {}

    @Nested
    class Heartbeating extends HeartbeatingRules {}

    @Nested
    class Completing extends CompletingRules {}

    @Nested
    class Failing extends FailingRules {}

    @Nested
    class Numbering extends NumberingRules {}

    @Nested
    class Replaying extends ReplayingRules {}

    @Nested
    class Racing extends RacingRules {}

    @Nested
    class Retaining extends RetainingRules {}

    @Nested
    class Identity extends IdentityRules {}

    @Nested
    class Payloads extends PayloadRules {}

    @Nested
    class Checkpointing extends CheckpointingRules {}

    @Nested
    class Resolving extends ResolvingRules {}

    @Nested
    class Storing extends StoringRules {}

    @Nested
    class Inputs extends InputRules {}

    @Nested
    class Deciding extends DecidingRaces {}

    @Nested
    class Remembering extends RememberingRules {}

    @Nested
    class Scanning extends ScanningRules {}

    @Nested
    @Tag("histories")
    class Histories extends HistoryRules {}
}
