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
 * contradicts itself, no finished record that was seen has changed or is lost, fence and version only grew, no attempt had
 * two owners, and {@link StoreUnderTest#check()} found nothing.
 */
@DisplayNameGeneration(DisplayNameGenerator.Simple.class)
public abstract class IdempotencyStoreContract {
    private Fixture fixture;

    /** An empty database of the store's kind; called before each test. */
    protected abstract StoreUnderTest newStore() throws Exception;

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
    class Claiming extends ClaimingRules {
        @Override
        Fixture fixture() {
            return fixture;
        }
    }

    @Nested
    class Heartbeating extends HeartbeatingRules {
        @Override
        Fixture fixture() {
            return fixture;
        }
    }

    @Nested
    class Completing extends CompletingRules {
        @Override
        Fixture fixture() {
            return fixture;
        }
    }

    @Nested
    class Failing extends FailingRules {
        @Override
        Fixture fixture() {
            return fixture;
        }
    }

    @Nested
    class Replaying extends ReplayingRules {
        @Override
        Fixture fixture() {
            return fixture;
        }
    }

    @Nested
    class Racing extends RacingRules {
        @Override
        Fixture fixture() {
            return fixture;
        }
    }

    @Nested
    class Retaining extends RetainingRules {
        @Override
        Fixture fixture() {
            return fixture;
        }
    }

    @Nested
    class Identity extends IdentityRules {
        @Override
        Fixture fixture() {
            return fixture;
        }
    }

    @Nested
    class Payloads extends PayloadRules {
        @Override
        Fixture fixture() {
            return fixture;
        }
    }

    @Nested
    class Checkpointing extends CheckpointingRules {
        @Override
        Fixture fixture() {
            return fixture;
        }
    }

    @Nested
    class Resolving extends ResolvingRules {
        @Override
        Fixture fixture() {
            return fixture;
        }
    }

    @Nested
    class Deciding extends DecidingRaces {
        @Override
        Fixture fixture() {
            return fixture;
        }
    }

    @Nested
    class Remembering extends RememberingRules {
        @Override
        Fixture fixture() {
            return fixture;
        }
    }

    @Nested
    class Scanning extends ScanningRules {
        @Override
        Fixture fixture() {
            return fixture;
        }
    }

    @Nested
    @Tag("histories")
    class Histories extends HistoryRules {
        @Override
        Fixture fixture() {
            return fixture;
        }

        @Override
        String testClass() {
            return IdempotencyStoreContract.this.getClass().getSimpleName();
        }
    }
}
