package io.toolgate.store.contract;

import io.toolgate.Failure;
import io.toolgate.store.ClaimMachine;
import io.toolgate.store.ClaimMachine.Decision;
import io.toolgate.store.ClaimOutcome;
import io.toolgate.store.ClaimOutcome.Acquired;
import io.toolgate.store.ClaimRequest;
import io.toolgate.store.ClaimRequest.OnUnknown;
import io.toolgate.store.IdempotencyRecord;
import io.toolgate.store.IdempotencyStore;
import io.toolgate.store.Lease;
import io.toolgate.store.Payload;
import io.toolgate.store.RecordId;
import io.toolgate.store.TransitionOutcome;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * One random history: every step is done by {@link ClaimMachine} on a map, and by the store; outcomes and records must
 * agree after each.
 *
 * <p>Leases and steps are minutes long and never meet: where the store's clock cannot be made to stand still, the seconds
 * that really pass change no decision.
 */
final class History {
    private static final Duration LEASE = Duration.ofMinutes(31);
    private static final Duration RETENTION = Duration.ofMinutes(203);
    private static final Duration STEP = Duration.ofMinutes(8);
    private static final Duration OLD = Duration.ofMinutes(4);
    private static final int KEYS = 4;

    private final Random random;
    private final Fixture fixture;
    private final IdempotencyStore first;
    private final IdempotencyStore second;
    private final boolean exact;
    private final List<RecordId> ids = new ArrayList<>();
    private final List<Lease> leases = new ArrayList<>();
    private final List<ClaimRequest> requests = new ArrayList<>();
    private final Map<RecordId, IdempotencyRecord> model = new HashMap<>();
    private final List<String> log = new ArrayList<>();
    private Instant now;

    History(long seed, Fixture fixture) {
        this.random = new Random(seed);
        this.fixture = fixture;
        // Claims are repeated at any time here, also after their attempts are over, which no order of versions
        // survives.
        this.first = fixture.openUnobserved();
        this.second = fixture.openUnobserved();
        this.exact = fixture.standingClock().isPresent();
        this.now = fixture.standingClock().orElse(ManualClock.START);
        for (int i = 0; i < KEYS; i++) {
            ids.add(RecordId.of("tenant", "history", "key-" + i));
        }
    }

    /** A store and the machine disagree. */
    static final class Disagreement extends AssertionError {
        private static final long serialVersionUID = 1L;

        Disagreement(String what, List<String> log) {
            super(what + "\nThe steps so far, the last one disagrees:\n  " + String.join("\n  ", log));
        }
    }

    void run(int steps) {
        for (int i = 0; i < steps; i++) {
            step();
            agree("the records", describeAll(model.values()), describeAll(fixture.dump()));
        }
    }

    private IdempotencyStore store() {
        return random.nextBoolean() ? first : second;
    }

    private void step() {
        int dice = random.nextInt(100);
        if (dice < 35 || leases.isEmpty()) {
            claim();
        } else if (dice < 50) {
            complete();
        } else if (dice < 65) {
            fail();
        } else if (dice < 75) {
            heartbeat();
        } else if (dice < 93) {
            advance();
        } else if (dice < 97) {
            findUnfinished();
        } else {
            purge();
        }
    }

    private void claim() {
        ClaimRequest request;
        if (!requests.isEmpty() && random.nextInt(8) == 0) {
            request = pick(requests);
        } else {
            Ask ask = Ask.forRecord(pick(ids))
                    .owner("owner-" + random.nextInt(3))
                    .forInput(random.nextInt(8) == 0 ? "other" : "same")
                    .lease(LEASE)
                    .retention(RETENTION)
                    .onUnknown(random.nextBoolean() ? OnUnknown.HOLD : OnUnknown.TAKE)
                    .maxAttempts(random.nextBoolean() ? 3 : 100);
            request = ask.request();
            requests.add(request);
        }
        log.add("claim " + request);
        ClaimOutcome expected = decide(request.id(), current -> ClaimMachine.claim(current, request, now));
        agree("the claim", describe(expected), describe(store().claim(request)));
        if (expected instanceof Acquired acquired) {
            leases.add(acquired.lease());
        }
    }

    private void complete() {
        Lease lease = lease();
        Payload result = random.nextInt(6) == 0
                ? Payload.ofNull("text")
                : Payload.of("text", ("r" + random.nextInt(2)).getBytes(StandardCharsets.UTF_8));
        log.add("complete " + lease + " with " + result);
        TransitionOutcome expected = decide(lease.id(), current -> ClaimMachine.complete(current, lease, result, now));
        agree("the completion", describe(expected), describe(store().complete(lease, result)));
    }

    private void fail() {
        Lease lease = lease();
        Failure.Kind kind = pick(List.of(Failure.Kind.values()));
        Failure failure = Failure.of(kind, "code-" + random.nextInt(2), "a message");
        log.add("fail " + lease + " with " + failure);
        TransitionOutcome expected = decide(lease.id(), current -> ClaimMachine.fail(current, lease, failure, now));
        agree("the failure", describe(expected), describe(store().fail(lease, failure)));
    }

    private void heartbeat() {
        Set<Lease> some = new LinkedHashSet<>();
        for (int i = random.nextInt(4); i >= 0; i--) {
            some.add(lease());
        }
        log.add("heartbeat " + some);
        Set<Lease> expected = new LinkedHashSet<>();
        for (Lease lease : some) {
            if (decide(lease.id(), current -> ClaimMachine.heartbeat(current, lease, LEASE, now))) {
                expected.add(lease);
            }
        }
        Set<Lease> actual = store().heartbeat(some, LEASE);
        agree("the heartbeat", describeLeases(expected), describeLeases(actual));
    }

    private void advance() {
        Duration step = STEP.multipliedBy(random.nextInt(8) == 0 ? 26 : 1 + random.nextInt(4));
        log.add("advance " + step);
        now = now.plus(step);
        fixture.advance(step);
        if (!exact) {
            // What the store does is move the rows back; so does the model, whose clock then never moved.
            now = now.minus(step);
            model.replaceAll((id, record) -> shifted(record, step));
        }
    }

    private void findUnfinished() {
        log.add("findUnfinished " + OLD);
        List<IdempotencyRecord> expected = model.values().stream()
                .filter(record -> ClaimMachine.isUnfinished(record, now.minus(OLD)))
                .filter(record -> !record.updatedAt().isAfter(now.minus(OLD)))
                .toList();
        agree("the unfinished", describeAll(expected), describeAll(store().findUnfinished(OLD, 100)));
    }

    private void purge() {
        log.add("purge");
        int before = model.size();
        model.values().removeIf(record -> ClaimMachine.isPurgeable(record, now));
        int expected = before - model.size();
        agree("the purge", "" + expected, "" + store().purge(100));
    }

    private <T> T decide(RecordId id, Function<@Nullable IdempotencyRecord, Decision<T>> decision) {
        Decision<T> decided = decision.apply(model.get(id));
        decided.next().ifPresent(next -> model.put(id, next));
        return decided.outcome();
    }

    private static IdempotencyRecord shifted(IdempotencyRecord r, Duration step) {
        return new IdempotencyRecord(
                r.id(),
                r.state(),
                r.fence(),
                r.version(),
                r.token(),
                r.owner(),
                r.leaseUntil().minus(step),
                r.fingerprint(),
                r.result(),
                r.failure(),
                r.createdAt().minus(step),
                r.updatedAt().minus(step),
                r.expiresAt().minus(step),
                r.readAt());
    }

    /** One of the latest leases most of the time, or any there ever was. */
    private Lease lease() {
        int size = leases.size();
        return random.nextInt(4) == 0 ? pick(leases) : leases.get(size - 1 - random.nextInt(Math.min(size, KEYS)));
    }

    private <T> T pick(List<T> choices) {
        return choices.get(random.nextInt(choices.size()));
    }

    private void agree(String what, String expected, String actual) {
        if (!expected.equals(actual)) {
            throw new Disagreement(what + " disagree.\nClaimMachine: " + expected + "\nthe store:    " + actual, log);
        }
    }

    private String describe(ClaimOutcome outcome) {
        return outcome.fold(
                o -> "Acquired " + o.lease() + " version " + o.version()
                        + (o.previous() == null
                                ? ""
                                : " after " + o.previous().state() + " "
                                        + o.previous().fence() + " "
                                        + describe(o.previous().failure())),
                o -> "Busy" + (exact ? " " + o.remaining() : ""),
                o -> "Finished " + describe(o.record()),
                o -> "InDoubt " + describe(o.record()),
                o -> "Mismatched " + describe(o.record()));
    }

    private String describe(TransitionOutcome outcome) {
        return outcome.fold(
                o -> "Applied " + o.previous() + " to " + o.current() + " version " + o.version()
                        + (exact ? " at " + o.at() : ""),
                o -> "AlreadyApplied " + o.current() + " version " + o.version() + (exact ? " at " + o.at() : ""),
                o -> "LeaseLost " + o.current().map(this::describe).orElse("to nobody"));
    }

    private static String describeLeases(Set<Lease> leases) {
        return new TreeSet<>(leases.stream().map(Lease::toString).toList()).toString();
    }

    private String describeAll(Iterable<IdempotencyRecord> records) {
        List<IdempotencyRecord> sorted = new ArrayList<>();
        records.forEach(sorted::add);
        sorted.sort(Comparator.comparing(record -> record.id().key()));
        return String.join("; ", sorted.stream().map(this::describe).toList());
    }

    private String describe(IdempotencyRecord r) {
        String what = r.id().key() + " " + r.state() + " fence " + r.fence() + " version " + r.version() + " "
                + r.token() + " " + r.owner() + " " + r.fingerprint() + " " + r.result() + " " + describe(r.failure());
        return exact
                ? what + " lease " + r.leaseUntil() + " created " + r.createdAt() + " updated " + r.updatedAt()
                        + " expires " + r.expiresAt()
                : what;
    }

    /** The words of a vanished owner's failure hold a time. */
    private String describe(@Nullable Failure failure) {
        return failure == null || exact || !failure.code().equals(ClaimMachine.OWNER_VANISHED)
                ? "" + failure
                : failure.code();
    }
}
