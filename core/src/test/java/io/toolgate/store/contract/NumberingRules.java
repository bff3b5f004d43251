package io.toolgate.store.contract;

import static org.assertj.core.api.Assertions.assertThat;

import io.toolgate.Failure;
import io.toolgate.store.ClaimMachine;
import io.toolgate.store.ClaimOutcome.Acquired;
import io.toolgate.store.ClaimOutcome.Paused;
import io.toolgate.store.Lease;
import io.toolgate.store.RecordId;
import io.toolgate.store.RecordNumbers;
import io.toolgate.store.RecordState;
import io.toolgate.store.ResolveRequest.Verdict;
import io.toolgate.store.RunEffect;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** The numbers of a record: its life, its attempts, its pause and its provider key. */
abstract class NumberingRules extends Rules {
    private static final Failure REMEMBERED = NOT_SENT.rememberedByProvider();

    private static RecordNumbers numbers(int life, int attempt, int refusals, int providerKey) {
        return new RecordNumbers(life, attempt, refusals, providerKey);
    }

    private RecordNumbers numbersOf(RecordId id) {
        return stored(id).numbers();
    }

    @Test
    @Rule(15)
    void aFreshKeyBeginsItsFirstLifeWithItsFirstAttempt() {
        RecordId id = freshId();
        assertThat(acquire(claimOf(id)).numbers()).isEqualTo(numbers(1, 1, 0, 0));
        assertThat(numbersOf(id)).isEqualTo(numbers(1, 1, 0, 0));
        assertThat(store().peek(id).orElseThrow().numbers()).isEqualTo(RecordNumbers.FIRST);
    }

    @Test
    @Rule(15)
    void rerunsOfADoubtCountAndProbesDoNot() {
        RecordId id = freshId();
        failed(id, TIMED_OUT);
        assertThat(numbersOf(id).attempt()).isEqualTo(1);
        for (int i = 0; i < 6; i++) {
            Acquired probing = acquire(claimOf(id).probing().maxAttempts(1));
            assertThat(probing.numbers().attempt()).as("while it is probed").isEqualTo(1);
            applied(store().fail(probing.lease(), TIMED_OUT, RunEffect.UNKNOWN));
        }
        assertThat(numbersOf(id).attempt()).isEqualTo(1);
        Acquired rerun = acquire(claimOf(id).taking().maxAttempts(2));
        assertThat(rerun.numbers().attempt()).isEqualTo(2);
        applied(store().fail(rerun.lease(), TIMED_OUT));
        inDoubt(store().claim(claimOf(id).taking().maxAttempts(2).request()));
        assertThat(acquire(claimOf(id).probing().maxAttempts(2)).numbers().attempt())
                .as("a probe has no limit")
                .isEqualTo(2);
    }

    @Test
    @Rule(15)
    void anOwnerThatVanishedCounts() {
        RecordId id = freshId();
        own(id);
        expireLease();
        inDoubt(store().claim(claimOf(id).request()));
        assertThat(numbersOf(id)).isEqualTo(numbers(1, 1, 0, 0));
        assertThat(acquire(claimOf(id).taking()).numbers()).isEqualTo(numbers(1, 2, 0, 0));
    }

    @Test
    @Rule({15, 16})
    void aRerunWithoutEffectIsTakenBackAndTheNextOneWaits() {
        RecordId id = freshId();
        failed(id, TIMED_OUT);
        for (int refusals = 1; refusals <= 9; refusals++) {
            Acquired rerun = acquire(claimOf(id).taking().maxAttempts(2));
            assertThat(rerun.numbers()).isEqualTo(numbers(1, 2, refusals - 1, 0));
            applied(store().fail(rerun.lease(), TIMED_OUT, RunEffect.NONE));
            assertThat(stored(id).state()).isEqualTo(RecordState.IN_DOUBT);
            assertThat(numbersOf(id)).isEqualTo(numbers(1, 1, refusals, 0));
            if (refusals < 9) {
                passPause(stored(id));
            }
        }
        changesNothing(id, () -> inDoubt(other().claim(claimOf(id).taking().request())));
        passPause(stored(id));
        Acquired last = acquired(other().claim(claimOf(id).taking().request()));
        applied(store().fail(last.lease(), TIMED_OUT));
        assertThat(numbersOf(id)).as("a run that ended otherwise").isEqualTo(numbers(1, 2, 0, 0));
    }

    @Test
    @Rule(15)
    void aRunThatDidNotStartDoesNotCount() {
        RecordId id = freshId();
        Lease fresh = own(id);
        applied(store().fail(fresh, NOT_SENT, RunEffect.NOT_STARTED));
        assertThat(numbersOf(id)).isEqualTo(numbers(1, 0, 0, 0));
        failed(id, TIMED_OUT);
        Lease rerun = acquire(claimOf(id).taking()).lease();
        applied(store().fail(rerun, TIMED_OUT, RunEffect.NOT_STARTED));
        assertThat(numbersOf(id)).isEqualTo(numbers(1, 1, 0, 0));
    }

    @Test
    @Rule(16)
    void aKeyThatWasRefusedIsFreeAfterAPauseThatGrowsAndNeverFinal() {
        RecordId id = freshId();
        Duration before = Duration.ZERO;
        for (int refusals = 1; refusals <= 10; refusals++) {
            Lease lease = acquire(claimOf(id).maxAttempts(1)).lease();
            applied(store().fail(lease, NOT_SENT));
            assertThat(numbersOf(id)).isEqualTo(numbers(1, 0, refusals, 0));
            Duration pause = ClaimMachine.pauseAfter(refusals);
            assertThat(pause).isGreaterThan(before);
            before = pause;
        }
        assertThat(before).isEqualTo(Duration.ofSeconds(30));
        changesNothing(id, () -> {
            Paused paused = paused(other().claim(claimOf(id).taking().request()));
            assertThat(paused.record().failure()).isEqualTo(NOT_SENT);
            assertThat(paused.remaining()).isBetween(before().minus(TOLERANCE), before());
        });
        mismatched(other().claim(claimOf(id).forInput("input-2").request()));
        passPause(stored(id));
        assertThat(acquired(other().claim(claimOf(id).request())).numbers()).isEqualTo(numbers(1, 1, 10, 0));
    }

    private static Duration before() {
        return Duration.ofSeconds(30);
    }

    @Test
    @Rule(16)
    void anUnknownEndSetsTheRefusalsBack() {
        RecordId id = freshId();
        failed(id, NOT_SENT);
        failed(id, NOT_SENT);
        assertThat(numbersOf(id).refusals()).isEqualTo(2);
        failed(id, TIMED_OUT);
        assertThat(numbersOf(id)).isEqualTo(numbers(1, 1, 0, 0));
        RecordId vanished = freshId();
        failed(vanished, NOT_SENT);
        own(vanished);
        expireLease();
        inDoubt(store().claim(claimOf(vanished).request()));
        assertThat(numbersOf(vanished)).isEqualTo(numbers(1, 1, 0, 0));
    }

    @Test
    @Rule(17)
    void aFailureThatTheProviderRemembersChangesTheNextProviderKey() {
        RecordId id = freshId();
        failed(id, NOT_SENT);
        assertThat(numbersOf(id).providerKey()).isZero();
        failed(id, REMEMBERED);
        assertThat(numbersOf(id).providerKey()).isEqualTo(1);
        Acquired next = acquire(claimOf(id));
        assertThat(next.numbers().providerKey()).isEqualTo(1);
        applied(store().complete(next.lease(), text("receipt")));
        assertThat(numbersOf(id).providerKey()).isEqualTo(1);
    }

    @Test
    @Rule(17)
    void theProviderKeyStaysWhileAnEffectIsUnknown() {
        RecordId id = freshId();
        failed(id, TIMED_OUT);
        Acquired rerun = acquire(claimOf(id).taking());
        assertThat(rerun.numbers().providerKey()).isZero();
        applied(store().fail(rerun.lease(), TIMED_OUT, RunEffect.NONE));
        passPause(stored(id));
        Acquired probing = acquire(claimOf(id).probing());
        assertThat(probing.numbers().providerKey()).isZero();
        applied(store().fail(probing.lease(), REMEMBERED));
        assertThat(numbersOf(id))
                .as("the probe had settled the doubt, and its run was refused")
                .isEqualTo(numbers(1, 0, 2, 1));
    }

    @Test
    @Rule(17)
    void aRepeatedFailureChangesTheProviderKeyOnce() {
        RecordId id = freshId();
        Lease lease = own(id);
        applied(store().fail(lease, REMEMBERED));
        changesNothing(id, () -> alreadyApplied(other().fail(lease, REMEMBERED)));
        assertThat(numbersOf(id).providerKey()).isEqualTo(1);
    }

    @Test
    @Rule({15, 17})
    void aDecisionToRetrySettlesTheAttemptsAndKeepsTheProviderKey() {
        RecordId id = freshId();
        failed(id, REMEMBERED);
        failed(id, TIMED_OUT);
        decide(id, new Verdict.Retry());
        assertThat(numbersOf(id)).isEqualTo(numbers(1, 0, 0, 1));
        assertThat(acquired(store().claim(claimOf(id).request())).numbers())
                .as("at once")
                .isEqualTo(numbers(1, 1, 0, 1));
    }

    @Test
    @Rule({13, 15, 17})
    void aRetirementBeginsTheNextLifeWithAnotherProviderKey() {
        RecordId id = freshId();
        failed(id, REMEMBERED);
        completed(id, text("receipt"));
        RecordNumbers before = numbersOf(id);
        retire(id);
        assertThat(store().history(id, 1).entries().get(0).before().numbers()).isEqualTo(before);
        assertThat(acquired(store().claim(claimOf(id).request())).numbers()).isEqualTo(numbers(2, 1, 0, 2));
    }

    @Test
    @Rule({13, 15, 17})
    void pastItsRetentionAKeyBeginsItsNextLifeLikeOneThatWasPurged() {
        RecordId id = freshId();
        failed(id, REMEMBERED);
        completed(id, text("receipt"));
        passRetention();
        passRetention();
        assertThat(acquire(claimOf(id)).numbers()).isEqualTo(numbers(2, 1, 0, 0));
    }

    @Test
    @Rule(13)
    void retentionCountsFromTheEndAndTheLongestClaimOfALifeSetsIt() {
        RecordId id = freshId();
        failed(id, NOT_SENT);
        Lease lease = acquire(claimOf(id).retention(LEASE.plus(MOMENT))).lease();
        applied(store().complete(lease, text("receipt")));
        advance(RETENTION.minus(MOMENT.multipliedBy(30)));
        finished(store().claim(claimOf(id).request()));
        assertThat(store().purge(10)).isZero();
    }
}
