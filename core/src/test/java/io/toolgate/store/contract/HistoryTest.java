package io.toolgate.store.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.toolgate.Failure;
import io.toolgate.store.ClaimMachine.Decision;
import io.toolgate.store.IdempotencyRecord;
import io.toolgate.store.KeyHistory;
import io.toolgate.store.Lease;
import io.toolgate.store.RunEffect;
import io.toolgate.store.TransitionOutcome;
import java.time.Instant;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Random histories find a broken store, list their steps, and are repeated by their seed. */
class HistoryTest {
    private static final long SEED = 42;

    /** Store that releases records of unknown effect. */
    private static final class Broken extends ModelStore {
        Broken(ModelDatabase database) {
            super(database);
        }

        @Override
        protected Decision<TransitionOutcome> decideFail(
                @Nullable IdempotencyRecord current, Lease lease, Failure failure, RunEffect effect, Instant now) {
            return super.decideFail(
                    current,
                    lease,
                    Failure.of(Failure.Kind.NOT_EXECUTED, failure.code(), failure.message()),
                    effect,
                    now);
        }
    }

    /** Store whose purge forgets the decisions about keys that still have a record. */
    private static final class Forgetful extends ModelStore {
        Forgetful(ModelDatabase database) {
            super(database);
        }

        @Override
        protected boolean mayForget(KeyHistory.Entry entry, boolean hasRecord, Instant now) {
            return super.mayForget(entry, false, now);
        }
    }

    private static Fixture fixture(Function<ModelDatabase, ModelStore> opener) {
        return new Fixture(new ModelStoreUnderTest(opener));
    }

    private static String disagreement() throws Exception {
        return disagreement(Broken::new);
    }

    private static String disagreement(Function<ModelDatabase, ModelStore> opener) throws Exception {
        try (Fixture fixture = fixture(opener)) {
            History.Disagreement found =
                    catchThrowableOfType(History.Disagreement.class, () -> new History(SEED, fixture).run(500));
            assertThat(found).isNotNull();
            return found.getMessage();
        }
    }

    @Test
    void aBrokenStoreIsFoundAndItsStepsAreListed() throws Exception {
        assertThat(disagreement())
                .contains("the failure disagree", "ClaimMachine: ", "the store:", "claim ClaimRequest", "fail Lease");
    }

    @Test
    void aStoreThatForgetsDecisionsIsFound() throws Exception {
        assertThat(disagreement(Forgetful::new)).contains("the history of key-", "resolve ResolveRequest", "purge");
    }

    @Test
    void aSeedReplaysTheSameSteps() throws Exception {
        // Tokens are drawn anew each time, and are all that may differ.
        assertThat(withoutTokens(disagreement())).isEqualTo(withoutTokens(disagreement()));
    }

    private static String withoutTokens(String message) {
        return message.replaceAll("ClaimToken\\[[^]]*]", "token");
    }

    @Test
    void aSoundStoreAgrees() throws Exception {
        try (Fixture fixture = fixture(ModelStore::new)) {
            assertThatCode(() -> new History(SEED, fixture).run(500)).doesNotThrowAnyException();
        }
    }
}
