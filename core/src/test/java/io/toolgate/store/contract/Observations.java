package io.toolgate.store.contract;

import io.toolgate.Failure;
import io.toolgate.store.ClaimMachine;
import io.toolgate.store.ClaimToken;
import io.toolgate.store.IdempotencyRecord;
import io.toolgate.store.Lease;
import io.toolgate.store.RecordId;
import io.toolgate.store.RecordState;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Observed answers of a store in one test, and the contradictions of the rules in them. Observations of one thread are
 * in order; those of different threads are not, so that across threads only what no order explains is a problem.
 */
final class Observations {
    // More than any test takes, less than any retention in it: real time that passes on top of what a test lets pass.
    private static final Duration SLACK = Duration.ofMinutes(2);

    private final Map<RecordId, Map<Attempt, IdempotencyRecord>> finished = new HashMap<>();
    private final Map<RecordId, Map<Attempt, Ended>> acknowledged = new HashMap<>();
    private final Map<RecordId, Long> freed = new HashMap<>();
    private final Map<Attempt, Duration> seenAfter = new HashMap<>();
    private final Map<Place, Seen> latest = new HashMap<>();
    private final Map<RecordId, Map<Long, ClaimToken>> owners = new HashMap<>();
    private final List<String> problems = new ArrayList<>();
    private Duration passed = Duration.ZERO;
    private boolean purged;

    /** One claim of one record. */
    private record Attempt(RecordId id, ClaimToken token, long fence) {}

    /** Scope of an order: one record in one thread; over a purge only one claim. */
    private record Place(
            Thread thread, RecordId id, @Nullable ClaimToken token) {}

    private record Seen(long fence, long version) {}

    private record Ended(RecordState state, long version) {}

    synchronized void advanced(Duration step) {
        passed = passed.plus(step);
    }

    /** Called before a purge, since records that it deletes may be claimed again before it returns. */
    synchronized void purging() {
        purged = true;
    }

    synchronized void acquired(Lease lease, long version) {
        progress(lease.id(), lease.token(), lease.fence(), version);
        if (!purged) {
            ClaimToken owner =
                    owners.computeIfAbsent(lease.id(), id -> new HashMap<>()).putIfAbsent(lease.fence(), lease.token());
            if (owner != null && !owner.equals(lease.token())) {
                problems.add("rule 1: two claims own attempt " + lease.fence() + " of " + lease.id() + ": " + owner
                        + " and " + lease.token());
            }
        }
    }

    /**
     * A transition was acknowledged. The version is that of the lease's record, also where that has another owner by
     * now.
     */
    synchronized void applied(Lease lease, RecordState state, long version) {
        progress(lease.id(), lease.token(), lease.fence(), version);
        if (state.isFinished()) {
            Attempt attempt = new Attempt(lease.id(), lease.token(), lease.fence());
            seenAfter.putIfAbsent(attempt, passed);
            Ended before = acknowledged
                    .computeIfAbsent(lease.id(), id -> new HashMap<>())
                    .putIfAbsent(attempt, new Ended(state, version));
            if (before != null && before.state != state) {
                problems.add("rule 2: one attempt was acknowledged as " + before.state + " and as " + state + ": "
                        + attempt);
            }
        }
    }

    /**
     * A decision was acknowledged with the lease that it gave the record. A finished record before it may be history
     * now: it was retired, or given the result that it lacked.
     *
     * @param before the state of the record before, null if the answer does not say
     */
    synchronized void resolved(Lease lease, @Nullable RecordState before, RecordState state, long version) {
        applied(lease, state, version);
        boolean supplied = before == RecordState.COMPLETED && state == RecordState.COMPLETED;
        if (supplied) {
            finished.getOrDefault(lease.id(), Map.of()).values().stream()
                    .filter(end -> end.version() == version - 1 && !ClaimMachine.lacksResult(end))
                    .forEach(end -> problems.add("rule 2: a decision replaced the stored result of " + end));
        }
        if (state == RecordState.RETRYABLE || supplied) {
            long unused = freed.merge(lease.id(), version, Math::max);
        }
    }

    synchronized void saw(IdempotencyRecord record) {
        problems.addAll(contradictions(record));
        progress(record.id(), record.token(), record.fence(), record.version());
        Attempt attempt = new Attempt(record.id(), record.token(), record.fence());
        Map<Attempt, IdempotencyRecord> known = finished.computeIfAbsent(record.id(), id -> new HashMap<>());
        if (record.state().isFinished()) {
            seenAfter.putIfAbsent(attempt, passed);
            IdempotencyRecord before = known.putIfAbsent(attempt, record);
            if (before != null && !sameEnd(before, record)) {
                problems.add("rule 2: a finished record changed from " + before + " to " + record);
            }
        }
    }

    private void progress(RecordId id, ClaimToken token, long fence, long version) {
        Thread here = Thread.currentThread();
        Seen now = new Seen(fence, version);
        grows(id, latest.put(new Place(here, id, token), now), now);
        if (!purged) {
            grows(id, latest.put(new Place(here, id, null), now), now);
        }
    }

    private void grows(RecordId id, @Nullable Seen before, Seen now) {
        if (before != null && (now.fence < before.fence || now.version < before.version)) {
            problems.add("rule 4: fence and version of " + id + " went back from " + before + " to " + now);
        }
    }

    private static boolean sameEnd(IdempotencyRecord one, IdempotencyRecord two) {
        return one.state() == two.state()
                && one.version() == two.version()
                && one.owner().equals(two.owner())
                && one.fingerprint().equals(two.fingerprint())
                && Objects.equals(one.result(), two.result())
                && Objects.equals(one.failure(), two.failure());
    }

    /** All contradictions, in view of the whole store at the end of a test. */
    synchronized List<String> problems(List<IdempotencyRecord> all) {
        Map<RecordId, IdempotencyRecord> byId = new HashMap<>();
        for (IdempotencyRecord record : all) {
            saw(record);
            if (byId.put(record.id(), record) != null) {
                problems.add("rule 1: two records have the identity " + record.id());
            }
        }
        finished.forEach((id, ends) -> ends.forEach((attempt, end) -> {
            if (!retired(id, end.version())) {
                stillThere(attempt, end.state(), end, byId.get(id));
            }
        }));
        acknowledged.forEach((id, ends) -> ends.forEach((attempt, end) -> {
            if (!retired(id, end.version)) {
                stillThere(attempt, end.state, null, byId.get(id));
            }
        }));
        return List.copyOf(new ArrayList<>(new LinkedHashSet<>(problems)));
    }

    /** Whether an observed decision retired the record that was finished at {@code version}. */
    private boolean retired(RecordId id, long version) {
        return version < freed.getOrDefault(id, 0L);
    }

    private void stillThere(
            Attempt attempt, RecordState state, @Nullable IdempotencyRecord end, @Nullable IdempotencyRecord now) {
        Duration since = passed.minus(Objects.requireNonNull(seenAfter.get(attempt)));
        boolean same = now != null && now.token().equals(attempt.token) && now.fence() == attempt.fence;
        if (same && now.state() != state) {
            problems.add("rule 2: a finished record went from " + state + " to " + now);
        } else if (!same && end != null && since.plus(SLACK).compareTo(remainingRetention(end)) < 0) {
            problems.add("rule 13: a finished record was lost before its retention was over: " + end + ", now " + now);
        } else if (!same && end == null && since.isZero()) {
            problems.add(
                    "rule 3: an acknowledged end is not in the store: " + attempt + " as " + state + ", now " + now);
        }
    }

    private static Duration remainingRetention(IdempotencyRecord record) {
        return Duration.between(record.readAt(), record.expiresAt());
    }

    /** Contradictions within {@code record}. */
    static List<String> contradictions(IdempotencyRecord record) {
        List<String> found = new ArrayList<>();
        RecordState state = record.state();
        Failure failure = record.failure();
        require(
                found,
                (record.result() != null) == (state == RecordState.COMPLETED),
                "its result and its state disagree");
        boolean failed = state != RecordState.IN_PROGRESS && state != RecordState.COMPLETED;
        require(found, (failure != null) == failed, "its failure and its state disagree");
        require(
                found,
                failure == null || ClaimMachine.stateAfter(failure) == state,
                "its failure is of another kind than its state");
        require(found, record.fence() >= 1, "its fence is below 1");
        long transitions = state == RecordState.IN_PROGRESS ? record.fence() : record.fence() + 1;
        require(found, record.version() >= transitions, "its version counts less transitions than it must have had");
        require(found, !record.updatedAt().isBefore(record.createdAt()), "it was updated before it was created");
        require(found, !record.expiresAt().isBefore(record.createdAt()), "it expired before it was created");
        require(
                found,
                state != RecordState.IN_PROGRESS
                        || record.version() > record.fence()
                        || record.leaseUntil().isAfter(record.updatedAt()),
                "its lease ended before it was claimed");
        Set<String> messages = new HashSet<>(found);
        return messages.stream()
                .map(what -> "a record contradicts itself: " + what + ": " + record)
                .toList();
    }

    private static void require(List<String> found, boolean holds, String otherwise) {
        if (!holds) {
            found.add(otherwise);
        }
    }
}
