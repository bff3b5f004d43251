package io.toolgate.store.contract.mutants;

import io.toolgate.Failure;
import io.toolgate.store.ClaimMachine;
import io.toolgate.store.ClaimMachine.Decision;
import io.toolgate.store.ClaimOutcome;
import io.toolgate.store.ClaimRequest;
import io.toolgate.store.IdempotencyRecord;
import io.toolgate.store.KeyHistory;
import io.toolgate.store.RecordState;
import io.toolgate.store.ResolveOutcome;
import io.toolgate.store.ResolveOutcome.RefusalReason;
import io.toolgate.store.ResolveRequest;
import io.toolgate.store.ResolveRequest.Verdict;
import io.toolgate.store.UnfinishedPage;
import io.toolgate.store.contract.ModelDatabase;
import io.toolgate.store.contract.ModelStore;
import io.toolgate.store.contract.Records;
import io.toolgate.store.contract.TestClaim;
import java.time.Duration;
import java.time.Instant;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/** Stores that apply decisions wrongly, forget them, or miss records in a scan. */
final class ResolveMutants {
    private static final Failure DOUBT = Failure.unknown("doubt", "any doubt");

    private ResolveMutants() {}

    private interface ResolveDecision {
        Decision<ResolveOutcome> decide(@Nullable IdempotencyRecord current, ResolveRequest request, Instant now);
    }

    private static ModelStore resolving(ModelDatabase database, ResolveDecision decision) {
        return new ModelStore(database) {
            @Override
            protected Decision<ResolveOutcome> decideResolve(
                    @Nullable IdempotencyRecord current, ResolveRequest request, Instant now) {
                return decision.decide(current, request, now);
            }
        };
    }

    /** Applies a decision to any fence and version. */
    static ModelStore ignoresTheVersion(ModelDatabase database) {
        return resolving(
                database,
                (current, request, now) -> ClaimMachine.resolve(
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
                        now));
    }

    /** Keeps the token of the former owner. */
    static ModelStore keepsTheToken(ModelDatabase database) {
        return resolving(database, (current, request, now) -> {
            Decision<ResolveOutcome> sound = ClaimMachine.resolve(current, request, now);
            IdempotencyRecord next = sound.write();
            return current == null || next == null
                    ? sound
                    : new Decision<>(Records.withToken(next, current.token()), sound.outcome());
        });
    }

    /** Treats a finished record as a doubt. */
    static ModelStore changesFinishedRecords(ModelDatabase database) {
        return resolving(database, (current, request, now) -> {
            boolean finished =
                    current != null && current.state().isFinished() && !(request.verdict() instanceof Verdict.Retire);
            return ClaimMachine.resolve(
                    finished ? Records.withState(current, RecordState.IN_DOUBT, DOUBT) : current, request, now);
        });
    }

    /** Treats "done, result unavailable" as a result that must not change. */
    static ModelStore suppliesNoResult(ModelDatabase database) {
        return resolving(database, (current, request, now) -> {
            boolean supplies = current != null
                    && ClaimMachine.lacksResult(current)
                    && request.verdict() instanceof Verdict.Completed;
            return supplies
                    ? new Decision<>(null, new ResolveOutcome.Refused(RefusalReason.FINISHED, current.asOf(now)))
                    : ClaimMachine.resolve(current, request, now);
        });
    }

    /** Gives a forgotten record a result, and with it a new retention. */
    static ModelStore suppliesPastTheRetention(ModelDatabase database) {
        return resolving(database, (current, request, now) -> {
            boolean forgotten =
                    current != null && ClaimMachine.lacksResult(current) && ClaimMachine.isPurgeable(current, now);
            return ClaimMachine.resolve(current, request, forgotten ? current.updatedAt() : now);
        });
    }

    /** Ignores a live lease. */
    static ModelStore ignoresALiveLease(ModelDatabase database) {
        return resolving(
                database,
                (current, request, now) -> ClaimMachine.resolve(
                        current == null ? null : Records.withLeaseUntil(current, now), request, now));
    }

    /** Treats a repeated decision as another one. */
    static ModelStore doesNotRecogniseItsOwnDecision(ModelDatabase database) {
        return resolving(database, (current, request, now) -> {
            IdempotencyRecord disguised = current == null
                    ? null
                    : Records.withToken(
                            current, TestClaim.of(current.id()).request().token());
            return ClaimMachine.resolve(disguised, request, now);
        });
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

    /** Lets a record that follows a retired one be purged before that one could have been. */
    static final class PurgesRecentRetirements extends ModelStore {
        PurgesRecentRetirements(ModelDatabase database) {
            super(database);
        }

        @Override
        protected Decision<ClaimOutcome> decideClaim(
                @Nullable IdempotencyRecord current, ClaimRequest request, Instant now) {
            Decision<ClaimOutcome> sound = super.decideClaim(current, request, now);
            IdempotencyRecord next = sound.write();
            boolean follows = current != null && ClaimMachine.isRetired(current) && next != null;
            return follows
                    ? new Decision<>(Records.withExpiresAt(next, now.plus(request.retention())), sound.outcome())
                    : sound;
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
