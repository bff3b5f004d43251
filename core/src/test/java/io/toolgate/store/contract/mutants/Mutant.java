package io.toolgate.store.contract.mutants;

import io.toolgate.store.contract.ModelDatabase;
import io.toolgate.store.contract.ModelStore;
import java.util.function.Function;

/** The broken stores, each with the rule that it breaks. */
enum Mutant {
    CHECKS_THEN_ACTS(1, ClaimMutants.ChecksThenActs::new),
    NORMALISES_KEYS(1, ClaimMutants.NormalisesKeys::new),
    COMPLETES_TWICE(2, TransitionMutants::completesTwice),
    DROPS_THE_EMPTY_RESULT(2, TransitionMutants::dropsTheEmptyResult),
    ACKNOWLEDGES_BEFORE_IT_WRITES(3, TransitionMutants.AcknowledgesBeforeItWrites::new),
    LOSES_ACKNOWLEDGED_WRITES(3, TransitionMutants.LosesAcknowledgedWrites::new),
    IGNORES_THE_TOKEN_ON_COMPLETE(4, TransitionMutants::ignoresTheTokenOnComplete),
    IGNORES_THE_TOKEN_ON_FAIL(4, TransitionMutants::ignoresTheTokenOnFail),
    IGNORES_THE_TOKEN_ON_HEARTBEAT(4, TransitionMutants::ignoresTheTokenOnHeartbeat),
    REVIVES_A_LOST_LEASE(4, TransitionMutants::revivesALostLease),
    COMPLETES_BY_THE_CLOCK(4, TransitionMutants::completesByTheClock),
    KEEPS_THE_FENCE_ON_TAKEOVER(4, ClaimMutants::keepsTheFenceOnTakeover),
    FORGETS_EXPIRY(5, ClaimMutants::forgetsExpiry),
    TAKES_OVER_ALTHOUGH_THE_CLAIM_HOLDS(5, ClaimMutants::takesOverAlthoughTheClaimHolds),
    HIDES_THE_UNKNOWN_EFFECT_OF_A_TAKEOVER(5, ClaimMutants::hidesTheUnknownEffectOfATakeover),
    RELEASES_ON_ANY_FAILURE(5, TransitionMutants::releasesOnAnyFailure),
    REFUSES_LATE_RESULTS(6, TransitionMutants::refusesLateResults),
    USES_THE_CLOCK_OF_ITS_HOST(7, ClaimMutants.UsesTheClockOfItsHost::new),
    NEVER_NOTIFIES_SUBSCRIBERS(8, ClaimMutants.NeverNotifiesSubscribers::new),
    IGNORES_THE_FINGERPRINT(9, ClaimMutants::ignoresTheFingerprint),
    KEEPS_RELEASED_KEYS_BUSY(10, ClaimMutants::keepsReleasedKeysBusy),
    RERUNS_UNAVAILABLE_RESULTS(11, ClaimMutants::rerunsUnavailableResults),
    WORKS_WHEN_CLOSED(12, ClaimMutants.WorksWhenClosed::new),
    PURGES_LIVE_AND_DOUBTFUL_RECORDS(13, RetentionMutants.PurgesLiveAndDoubtfulRecords::new),
    PURGES_BEFORE_THE_RETENTION_IS_OVER(13, RetentionMutants.PurgesBeforeTheRetentionIsOver::new),
    PURGES_WITHOUT_LIMIT(13, RetentionMutants.PurgesWithoutLimit::new),
    DOES_NOT_RECOGNISE_ITS_OWN_CLAIM(14, ClaimMutants::doesNotRecogniseItsOwnClaim),
    WRITES_REPEATED_COMPLETIONS(14, TransitionMutants::writesRepeatedCompletions),
    CHECKPOINTS_WITHOUT_THE_TOKEN(4, CheckpointMutants::ignoresTheToken),
    CHECKPOINTS_WITHOUT_A_VERSION(4, CheckpointMutants::makesNoVersion),
    CHECKPOINTS_FINISHED_RECORDS(2, CheckpointMutants::changesFinishedRecords),
    LOSES_CHECKPOINTS_OF_MANY_WRITERS(4, CheckpointMutants.ChecksThenActs::new),
    MAKES_DOUBTS_YOUNGER(6, CheckpointMutants::makesDoubtsYounger),
    WRITES_REPEATED_CHECKPOINTS(14, CheckpointMutants::writesRepetitions),
    SHOWS_CHECKPOINTS_TO_THE_NEXT_LIFE(13, CheckpointMutants.ShowsThemToTheNextLife::new),
    TELLS_LIVES_APART_BY_THE_CLOCK(13, CheckpointMutants.TellsLivesApartByTheClock::new),
    DECIDES_WITHOUT_THE_VERSION(4, ResolveMutants::ignoresTheVersion),
    DECIDES_AND_KEEPS_THE_TOKEN(4, ResolveMutants::keepsTheToken),
    DECIDES_ABOUT_FINISHED_RECORDS(2, ResolveMutants::changesFinishedRecords),
    SUPPLIES_NO_RESULT(11, ResolveMutants::suppliesNoResult),
    SUPPLIES_RESULTS_PAST_THE_RETENTION(13, ResolveMutants::suppliesPastTheRetention),
    DECIDES_OVER_A_LIVE_OWNER(5, ResolveMutants::ignoresALiveLease),
    DECIDES_TWICE(14, ResolveMutants::doesNotRecogniseItsOwnDecision),
    REMEMBERS_NO_DECISION(13, ResolveMutants.KeepsNoHistory::new),
    FORGETS_DECISIONS_WHILE_THERE_IS_A_RECORD(13, ResolveMutants.ForgetsWhileThereIsARecord::new),
    PURGES_RECENT_RETIREMENTS(13, ResolveMutants.PurgesRecentRetirements::new),
    COMPARES_THE_INPUT_OF_A_RETIRED_KEY(13, ClaimMutants::comparesTheInputOfARetiredKey),
    IGNORES_QUARANTINE(5, ClaimMutants::ignoresQuarantine),
    MAKES_NO_PAUSE(16, ClaimMutants::makesNoPause),
    COUNTS_PROBES(15, ClaimMutants::countsProbes),
    CHANGES_THE_PROVIDER_KEY_IN_DOUBT(17, ClaimMutants::changesTheProviderKeyInDoubt),
    WRITES_ROWS_AGAIN(18, RowMutants.WritesRowsAgain::new),
    WRITES_ROWS_OF_STALE_OWNERS(18, RowMutants.WritesRowsFirst::new),
    KEEPS_RESULTS_WITHOUT_ROWS(18, RowMutants.KeepsResultsWithoutRows::new),
    DECIDES_WITHOUT_ROWS(18, RowMutants.DecidesWithoutRows::new),
    SUPPLIES_RESULTS_AND_WRITES_ROWS(18, RowMutants.SuppliesAndWritesRows::new),
    DECIDES_AND_LEAVES_ROWS_OUT(18, RowMutants::leavesRowsOut),
    FORGETS_THAT_ROWS_BELONG(18, RowMutants::forgetsThatRowsBelong),
    REMEMBERS_NO_INPUT(19, InputMutants.RemembersNone::new),
    REPLACES_THE_INPUT(19, InputMutants.ReplacesIt::new),
    KEEPS_THE_INPUT_OF_REFUSED_CLAIMS(19, InputMutants.KeepsThatOfRefusedClaims::new),
    SKIPS_RECORDS_BETWEEN_PAGES(5, ResolveMutants.SkipsRecordsBetweenPages::new);

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
