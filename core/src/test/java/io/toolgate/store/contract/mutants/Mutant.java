package io.toolgate.store.contract.mutants;

import io.toolgate.store.contract.ModelDatabase;
import io.toolgate.store.contract.ModelStore;
import java.util.function.Function;

/** The broken stores, each with the rule that it breaks. */
enum Mutant {
    CHECKS_THEN_ACTS(1, ClaimMutants.ChecksThenActs::new),
    NORMALISES_KEYS(1, ClaimMutants.NormalisesKeys::new),
    COMPLETES_TWICE(2, TransitionMutants.CompletesTwice::new),
    DROPS_THE_EMPTY_RESULT(2, TransitionMutants.DropsTheEmptyResult::new),
    ACKNOWLEDGES_BEFORE_IT_WRITES(3, TransitionMutants.AcknowledgesBeforeItWrites::new),
    LOSES_ACKNOWLEDGED_WRITES(3, TransitionMutants.LosesAcknowledgedWrites::new),
    IGNORES_THE_TOKEN_ON_COMPLETE(4, TransitionMutants.IgnoresTheTokenOnComplete::new),
    IGNORES_THE_TOKEN_ON_FAIL(4, TransitionMutants.IgnoresTheTokenOnFail::new),
    IGNORES_THE_TOKEN_ON_HEARTBEAT(4, TransitionMutants.IgnoresTheTokenOnHeartbeat::new),
    REVIVES_A_LOST_LEASE(4, TransitionMutants.RevivesALostLease::new),
    COMPLETES_BY_THE_CLOCK(4, TransitionMutants.CompletesByTheClock::new),
    KEEPS_THE_FENCE_ON_TAKEOVER(4, ClaimMutants.KeepsTheFenceOnTakeover::new),
    FORGETS_EXPIRY(5, ClaimMutants.ForgetsExpiry::new),
    RERUNS_WITHOUT_ASKING(5, ClaimMutants.RerunsWithoutAsking::new),
    FORGETS_THAT_THE_ATTEMPT_BEFORE_IS_UNKNOWN(5, ClaimMutants.ForgetsThatTheAttemptBeforeIsUnknown::new),
    RELEASES_ON_ANY_FAILURE(5, TransitionMutants.ReleasesOnAnyFailure::new),
    REFUSES_LATE_TRUTH(6, TransitionMutants.RefusesLateTruth::new),
    TRUSTS_THE_CLOCK_OF_ITS_HOST(7, ClaimMutants.TrustsTheClockOfItsHost::new),
    NEVER_TELLS_SUBSCRIBERS(8, ClaimMutants.NeverTellsSubscribers::new),
    IGNORES_THE_FINGERPRINT(9, ClaimMutants.IgnoresTheFingerprint::new),
    KEEPS_RELEASED_KEYS_BUSY(10, ClaimMutants.KeepsReleasedKeysBusy::new),
    RERUNS_WHAT_HAS_NO_RESULT(11, ClaimMutants.RerunsWhatHasNoResult::new),
    GOES_ON_WHEN_CLOSED(12, ClaimMutants.GoesOnWhenClosed::new),
    PURGES_LIVE_AND_DOUBTFUL_RECORDS(13, RetentionMutants.PurgesLiveAndDoubtfulRecords::new),
    PURGES_BEFORE_THE_RETENTION_IS_OVER(13, RetentionMutants.PurgesBeforeTheRetentionIsOver::new),
    PURGES_WITHOUT_LIMIT(13, RetentionMutants.PurgesWithoutLimit::new),
    DOES_NOT_KNOW_ITS_OWN_CLAIM(14, ClaimMutants.DoesNotKnowItsOwnClaim::new),
    STAMPS_REPETITIONS(14, TransitionMutants.StampsRepetitions::new),
    CHECKPOINTS_WITHOUT_THE_TOKEN(4, CheckpointMutants.IgnoresTheToken::new),
    CHECKPOINTS_WITHOUT_A_VERSION(4, CheckpointMutants.MakesNoVersion::new),
    CHECKPOINTS_FINISHED_RECORDS(2, CheckpointMutants.ChangesFinishedRecords::new),
    LOSES_CHECKPOINTS_OF_MANY_WRITERS(4, CheckpointMutants.ChecksThenActs::new),
    MAKES_DOUBTS_YOUNGER(6, CheckpointMutants.MakesDoubtsYounger::new),
    REPEATS_CHECKPOINTS(14, CheckpointMutants.WritesRepetitions::new),
    SHOWS_CHECKPOINTS_TO_THE_NEXT_LIFE(13, CheckpointMutants.ShowsThemToTheNextLife::new),
    TELLS_LIVES_APART_BY_THE_CLOCK(13, CheckpointMutants.TellsLivesApartByTheClock::new),
    DECIDES_ABOUT_WHAT_HAS_MOVED(4, ResolveMutants.IgnoresWhatWasLookedAt::new),
    DECIDES_AND_KEEPS_THE_TOKEN(4, ResolveMutants.KeepsTheToken::new),
    DECIDES_ABOUT_FINISHED_RECORDS(2, ResolveMutants.ChangesFinishedRecords::new),
    DECIDES_OVER_A_LIVE_OWNER(5, ResolveMutants.OverrulesALiveOwner::new),
    DECIDES_TWICE(14, ResolveMutants.DoesNotKnowItsOwnDecision::new),
    REMEMBERS_NO_DECISION(13, ResolveMutants.RemembersNothing::new),
    FORGETS_DECISIONS_WHILE_THERE_IS_A_RECORD(13, ResolveMutants.ForgetsWhileThereIsARecord::new),
    FORGETS_DECISIONS_WITH_THE_RECORD(13, ResolveMutants.ForgetsWithTheRecord::new),
    PURGES_WHAT_RETIREMENTS_HOLD_BACK(13, ResolveMutants.PurgesWhatRetirementsHoldBack::new),
    COMPARES_THE_INPUT_OF_A_RETIRED_KEY(13, ResolveMutants.ComparesTheInputOfARetiredKey::new),
    IGNORES_QUARANTINE(5, ResolveMutants.IgnoresQuarantine::new),
    SKIPS_PARTS_OF_A_WALK(5, ResolveMutants.SkipsPartsOfAWalk::new);

    private final int rule;

    @SuppressWarnings("ImmutableEnumChecker")
    private final Function<ModelDatabase, ModelStore> opener;

    Mutant(int rule, Function<ModelDatabase, ModelStore> opener) {
        this.rule = rule;
        this.opener = opener;
    }

    /** The number of the rule that it breaks, and that a failing test must name. */
    int rule() {
        return rule;
    }

    ModelStore open(ModelDatabase database) {
        return opener.apply(database);
    }
}
