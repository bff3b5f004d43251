package io.toolgate.store.contract.mutants;

import io.toolgate.Failure;
import io.toolgate.store.ClaimMachine;
import io.toolgate.store.ClaimMachine.Decision;
import io.toolgate.store.ClaimOutcome;
import io.toolgate.store.ClaimOutcome.Mismatched;
import io.toolgate.store.ClaimRequest;
import io.toolgate.store.IdempotencyRecord;
import io.toolgate.store.KeyHistory;
import io.toolgate.store.RecordState;
import io.toolgate.store.ResolveOutcome;
import io.toolgate.store.ResolveRequest;
import io.toolgate.store.ResolveRequest.Verdict;
import io.toolgate.store.UnfinishedPage;
import io.toolgate.store.contract.Ask;
import io.toolgate.store.contract.ModelDatabase;
import io.toolgate.store.contract.ModelStore;
import java.time.Duration;
import java.time.Instant;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/** Stores that carry decisions out wrongly, forget them, or miss what there is to decide. */
final class ResolveMutants {
    private static final Failure DOUBT = Failure.unknown("doubt", "as good as any");

    private ResolveMutants() {}

    /** Decides about whatever is there by now. */
    static final class IgnoresWhatWasLookedAt extends ModelStore {
        IgnoresWhatWasLookedAt(ModelDatabase database) {
            super(database);
        }

        @Override
        protected Decision<ResolveOutcome> decideResolve(
                @Nullable IdempotencyRecord current, ResolveRequest request, Instant now) {
            return super.decideResolve(
                    current,
                    current == null
                            ? request
                            : new ResolveRequest(
                                    request.id(),
                                    current.fence(),
                                    current.version(),
                                    request.token(),
                                    request.verdict(),
                                    request.operator(),
                                    request.reason()),
                    now);
        }
    }

    /** Leaves the record to its former owner. */
    static final class KeepsTheToken extends ModelStore {
        KeepsTheToken(ModelDatabase database) {
            super(database);
        }

        @Override
        protected Decision<ResolveOutcome> decideResolve(
                @Nullable IdempotencyRecord current, ResolveRequest request, Instant now) {
            Decision<ResolveOutcome> sound = super.decideResolve(current, request, now);
            IdempotencyRecord next = sound.write();
            return current == null || next == null
                    ? sound
                    : new Decision<>(Records.withToken(next, current.token()), sound.outcome());
        }
    }

    /** Takes a finished record for a doubt. */
    static final class ChangesFinishedRecords extends ModelStore {
        ChangesFinishedRecords(ModelDatabase database) {
            super(database);
        }

        @Override
        protected Decision<ResolveOutcome> decideResolve(
                @Nullable IdempotencyRecord current, ResolveRequest request, Instant now) {
            boolean finished =
                    current != null && current.state().isFinished() && !(request.verdict() instanceof Verdict.Retire);
            return super.decideResolve(
                    finished ? Records.withState(current, RecordState.IN_DOUBT, DOUBT) : current, request, now);
        }
    }

    /** Does not look at the lease. */
    static final class OverrulesALiveOwner extends ModelStore {
        OverrulesALiveOwner(ModelDatabase database) {
            super(database);
        }

        @Override
        protected Decision<ResolveOutcome> decideResolve(
                @Nullable IdempotencyRecord current, ResolveRequest request, Instant now) {
            return super.decideResolve(current == null ? null : Records.withLeaseUntil(current, now), request, now);
        }
    }

    /** Takes a repeated decision for another one. */
    static final class DoesNotKnowItsOwnDecision extends ModelStore {
        DoesNotKnowItsOwnDecision(ModelDatabase database) {
            super(database);
        }

        @Override
        protected Decision<ResolveOutcome> decideResolve(
                @Nullable IdempotencyRecord current, ResolveRequest request, Instant now) {
            IdempotencyRecord disguised = current == null
                    ? null
                    : Records.withToken(
                            current, Ask.forRecord(current.id()).request().token());
            return super.decideResolve(disguised, request, now);
        }
    }

    /** Carries decisions out and keeps no trace of them. */
    static final class RemembersNothing extends ModelStore {
        RemembersNothing(ModelDatabase database) {
            super(database);
        }

        @Override
        protected void remember(KeyHistory.Entry entry) {}
    }

    /** Looks at the age of a decision only. */
    static final class ForgetsWhileThereIsARecord extends ModelStore {
        ForgetsWhileThereIsARecord(ModelDatabase database) {
            super(database);
        }

        @Override
        protected boolean mayForget(KeyHistory.Entry entry, boolean hasRecord, Instant now) {
            return super.mayForget(entry, false, now);
        }
    }

    /** Does not look at the age of a decision. */
    static final class ForgetsWithTheRecord extends ModelStore {
        ForgetsWithTheRecord(ModelDatabase database) {
            super(database);
        }

        @Override
        protected boolean mayForget(KeyHistory.Entry entry, boolean hasRecord, Instant now) {
            return !hasRecord;
        }
    }

    /** Lets the next record of a retired key begin at fence 1 while attempts are still counted from the retirement. */
    static final class PurgesWhatRetirementsHoldBack extends ModelStore {
        PurgesWhatRetirementsHoldBack(ModelDatabase database) {
            super(database);
        }

        @Override
        protected boolean holdsBack(KeyHistory.Entry entry, Instant now) {
            return false;
        }
    }

    /** Takes a retired record for one that was released. */
    static final class ComparesTheInputOfARetiredKey extends ModelStore {
        ComparesTheInputOfARetiredKey(ModelDatabase database) {
            super(database);
        }

        @Override
        protected Decision<ClaimOutcome> decideClaim(
                @Nullable IdempotencyRecord current, ClaimRequest request, Instant now) {
            boolean compared = current != null
                    && ClaimMachine.isRetired(current)
                    && !current.fingerprint().equals(request.fingerprint());
            return compared
                    ? new Decision<>(null, new Mismatched(current.asOf(now)))
                    : super.decideClaim(current, request, now);
        }
    }

    /** Takes over a doubt that nobody was to ask about any more. */
    static final class IgnoresQuarantine extends ModelStore {
        IgnoresQuarantine(ModelDatabase database) {
            super(database);
        }

        @Override
        protected Decision<ClaimOutcome> decideClaim(
                @Nullable IdempotencyRecord current, ClaimRequest request, Instant now) {
            boolean quarantined = current != null && ClaimMachine.isQuarantined(current);
            return super.decideClaim(quarantined ? Records.withFailure(current, DOUBT) : current, request, now);
        }
    }

    /** Goes on a little further than where it stopped. */
    static final class SkipsPartsOfAWalk extends ModelStore {
        SkipsPartsOfAWalk(ModelDatabase database) {
            super(database);
        }

        @Override
        public UnfinishedPage scanUnfinished(Duration olderThan, long from) {
            UnfinishedPage page = super.scanUnfinished(olderThan, from);
            return page.next().isEmpty()
                    ? page
                    : new UnfinishedPage(
                            page.records(), OptionalLong.of(page.next().getAsLong() + 1));
        }
    }
}
