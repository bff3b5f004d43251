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
import io.toolgate.store.contract.ModelDatabase;
import io.toolgate.store.contract.ModelStore;
import io.toolgate.store.contract.TestClaim;
import java.time.Duration;
import java.time.Instant;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/** Stores that apply decisions wrongly, forget them, or miss records in a scan. */
final class ResolveMutants {
    private static final Failure DOUBT = Failure.unknown("doubt", "any doubt");

    private ResolveMutants() {}

    /** Applies a decision to any fence and version. */
    static final class IgnoresTheVersion extends ModelStore {
        IgnoresTheVersion(ModelDatabase database) {
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

    /** Keeps the token of the former owner. */
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

    /** Treats a finished record as a doubt. */
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

    /** Ignores a live lease. */
    static final class IgnoresALiveLease extends ModelStore {
        IgnoresALiveLease(ModelDatabase database) {
            super(database);
        }

        @Override
        protected Decision<ResolveOutcome> decideResolve(
                @Nullable IdempotencyRecord current, ResolveRequest request, Instant now) {
            return super.decideResolve(current == null ? null : Records.withLeaseUntil(current, now), request, now);
        }
    }

    /** Treats a repeated decision as another one. */
    static final class DoesNotRecogniseItsOwnDecision extends ModelStore {
        DoesNotRecogniseItsOwnDecision(ModelDatabase database) {
            super(database);
        }

        @Override
        protected Decision<ResolveOutcome> decideResolve(
                @Nullable IdempotencyRecord current, ResolveRequest request, Instant now) {
            IdempotencyRecord disguised = current == null
                    ? null
                    : Records.withToken(
                            current, TestClaim.of(current.id()).request().token());
            return super.decideResolve(disguised, request, now);
        }
    }

    /** Applies decisions and keeps no history of them. */
    static final class KeepsNoHistory extends ModelStore {
        KeepsNoHistory(ModelDatabase database) {
            super(database);
        }

        @Override
        protected void remember(KeyHistory.Entry entry) {}
    }

    /** Forgets old decisions also while their key has a record. */
    static final class ForgetsWhileThereIsARecord extends ModelStore {
        ForgetsWhileThereIsARecord(ModelDatabase database) {
            super(database);
        }

        @Override
        protected boolean mayForget(KeyHistory.Entry entry, boolean hasRecord, Instant now) {
            return super.mayForget(entry, false, now);
        }
    }

    /** Forgets decisions, however new, with the record. */
    static final class ForgetsWithTheRecord extends ModelStore {
        ForgetsWithTheRecord(ModelDatabase database) {
            super(database);
        }

        @Override
        protected boolean mayForget(KeyHistory.Entry entry, boolean hasRecord, Instant now) {
            return !hasRecord;
        }
    }

    /** Purges a retired record while attempts are still counted from its retirement. */
    static final class PurgesRecentRetirements extends ModelStore {
        PurgesRecentRetirements(ModelDatabase database) {
            super(database);
        }

        @Override
        protected boolean holdsBack(KeyHistory.Entry entry, Instant now) {
            return false;
        }
    }

    /** Compares the input of a claim with that of a retired record. */
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

    /** Takes over a quarantined doubt. */
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

    /** Skips a record between two pages of a scan. */
    static final class SkipsRecordsBetweenPages extends ModelStore {
        SkipsRecordsBetweenPages(ModelDatabase database) {
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
