package io.toolgate.store.contract;

import io.toolgate.Failure;
import io.toolgate.store.Checkpoint;
import io.toolgate.store.ClaimMachine;
import io.toolgate.store.ClaimMachine.Decision;
import io.toolgate.store.ClaimOutcome;
import io.toolgate.store.ClaimOutcome.Acquired;
import io.toolgate.store.ClaimRequest;
import io.toolgate.store.ClaimRequest.OnUnknown;
import io.toolgate.store.IdempotencyRecord;
import io.toolgate.store.IdempotencyStore;
import io.toolgate.store.KeyHistory;
import io.toolgate.store.Lease;
import io.toolgate.store.Payload;
import io.toolgate.store.RecordId;
import io.toolgate.store.RecordState;
import io.toolgate.store.ResolveOutcome;
import io.toolgate.store.ResolveRequest;
import io.toolgate.store.ResolveRequest.Verdict;
import io.toolgate.store.RunEffect;
import io.toolgate.store.TransitionOutcome;
import io.toolgate.store.UnfinishedPage;
import io.toolgate.store.contract.StoreUnderTest.Capability;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Random;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * One random history: every step is done by {@link ClaimMachine} on a map, and by the store; outcomes and records must
 * agree after each.
 *
 * <p>Leases and steps are minutes long and never meet: where the store's clock cannot be made to stand still, the
 * seconds that really pass change no decision.
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
    private final AnswerText text;
    private final List<RecordId> ids = new ArrayList<>();
    private final List<Lease> leases = new ArrayList<>();
    private final List<ClaimRequest> requests = new ArrayList<>();
    private final Map<RecordId, IdempotencyRecord> model = new HashMap<>();
    private final Map<RecordId, HistoryMemory> memories = new HashMap<>();
    private final List<ResolveRequest> decisions = new ArrayList<>();
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
        this.text = new AnswerText(exact);
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
            agree("the records", text.describeAll(model.values()), text.describeAll(fixture.dump()));
        }
    }

    private IdempotencyStore store() {
        return random.nextBoolean() ? first : second;
    }

    private void step() {
        int dice = random.nextInt(100);
        if (dice < 28 || leases.isEmpty()) {
            claim();
        } else if (dice < 40) {
            complete();
        } else if (dice < 52) {
            fail();
        } else if (dice < 60) {
            heartbeat();
        } else if (dice < 70) {
            checkpoint();
        } else if (dice < 78) {
            resolve();
        } else if (dice < 93) {
            advance();
        } else if (dice < 95) {
            findUnfinished();
        } else if (dice < 97) {
            scanUnfinished();
        } else {
            purge();
        }
    }

    private void claim() {
        ClaimRequest request;
        if (!requests.isEmpty() && random.nextInt(8) == 0) {
            request = pick(requests);
        } else {
            TestClaim claim = TestClaim.of(pick(ids))
                    .owner("owner-" + random.nextInt(3))
                    .forInput(random.nextInt(8) == 0 ? "other" : "same")
                    .lease(LEASE)
                    .retention(RETENTION)
                    .onUnknown(pick(List.of(OnUnknown.values())))
                    .maxAttempts(random.nextBoolean() ? 3 : 100);
            request = claim.request();
            requests.add(request);
        }
        IdempotencyRecord found = model.get(request.id());
        if (!exact && found != null && now.isBefore(ClaimMachine.claimableFrom(found))) {
            // Whether its pause has ended by now would depend on how fast this machine is.
            advance(ClaimMachine.pauseAfter(Integer.MAX_VALUE).plus(STEP));
        }
        log.add("claim " + request);
        ClaimOutcome expected = decide(request.id(), current -> {
            if (current != null && ClaimMachine.isReplaceable(current, now)) {
                memory(request.id()).begunAnew();
            }
            return ClaimMachine.claim(current, request, now);
        });
        agree("the claim", text.describe(expected), text.describe(store().claim(request)));
        if (expected instanceof Acquired acquired) {
            leases.add(acquired.lease());
        }
    }

    private void complete() {
        Lease lease = lease();
        int form = random.nextInt(6);
        Payload result = form == 0
                ? Payload.ofNull("text")
                : form < 3
                        ? Payload.unavailable(Failure.rejected("too-large", "of 2 MiB"))
                        : Payload.of("text", ("r" + random.nextInt(2)).getBytes(StandardCharsets.UTF_8));
        log.add("complete " + lease + " with " + result);
        TransitionOutcome expected = decide(lease.id(), current -> ClaimMachine.complete(current, lease, result, now));
        agree("the completion", text.describe(expected), text.describe(store().complete(lease, result)));
    }

    private void fail() {
        Lease lease = lease();
        Failure.Kind kind = pick(List.of(Failure.Kind.values()));
        boolean quarantine = kind == Failure.Kind.UNKNOWN && random.nextInt(3) == 0;
        String code = quarantine ? Failure.Codes.QUARANTINED : "code-" + random.nextInt(2);
        Failure plain = Failure.of(kind, code, "a message");
        Failure failure =
                kind == Failure.Kind.NOT_EXECUTED && random.nextBoolean() ? plain.rememberedByProvider() : plain;
        RunEffect effect = pick(List.of(RunEffect.values()));
        log.add("fail " + lease + " with " + failure + ", effect of the run " + effect);
        TransitionOutcome expected =
                decide(lease.id(), current -> ClaimMachine.fail(current, lease, failure, effect, now));
        agree("the failure", text.describe(expected), text.describe(store().fail(lease, failure, effect)));
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
        agree("the heartbeat", text.describeLeases(expected), text.describeLeases(actual));
    }

    private void checkpoint() {
        IdempotencyRecord some = model.get(pick(ids));
        Lease lease = some == null || random.nextInt(3) == 0 ? lease() : some.lease();
        String name = "checkpoint-" + random.nextInt(2);
        Payload value = random.nextInt(6) == 0
                ? Payload.ofNull("text")
                : Payload.of("text", ("v" + random.nextInt(2)).getBytes(StandardCharsets.UTF_8));
        log.add("checkpoint " + lease + " " + name + " with " + value);
        HistoryMemory memory = memory(lease.id());
        TransitionOutcome expected = decide(lease.id(), current -> {
            Decision<TransitionOutcome> decision =
                    ClaimMachine.checkpoint(current, memory.checkpoint(name), lease, value, now);
            decision.next()
                    .ifPresent(next -> memory.marked(new Checkpoint(name, value, next.fence(), next.version(), now)));
            return decision;
        });
        agree("the checkpoint", text.describe(expected), text.describe(store().checkpoint(lease, name, value)));
        history(lease.id());
    }

    private void resolve() {
        ResolveRequest request =
                !decisions.isEmpty() && random.nextInt(4) == 0 ? decisions.get(decisions.size() - 1) : decision();
        decisions.add(request);
        log.add("resolve " + request);
        ResolveOutcome expected = decide(request.id(), current -> {
            Decision<ResolveOutcome> decision = ClaimMachine.resolve(current, request, now);
            if (decision.write() != null && current != null) {
                memory(request.id())
                        .decided(new KeyHistory.Entry(
                                current.asOf(now),
                                KeyHistory.Decision.of(request.verdict()),
                                request.operator(),
                                request.reason(),
                                now));
            }
            return decision;
        });
        agree("the decision", text.describe(expected), text.describe(store().resolve(request)));
        history(request.id());
    }

    /** Most of the time one that fits a record as it stands. */
    private ResolveRequest decision() {
        RecordId id = pick(ids);
        IdempotencyRecord current = model.get(id);
        long fence = current == null || random.nextInt(10) == 0 ? 1 : current.fence();
        long version = current == null || random.nextInt(10) == 0 ? fence : current.version();
        List<Verdict> resolving = List.of(
                new Verdict.Completed(Payload.of("text", "decided".getBytes(StandardCharsets.UTF_8))),
                new Verdict.Rejected(Failure.rejected("decided", "it was declined")),
                new Verdict.Retry());
        boolean retires = (current != null
                        && current.state().isFinished()
                        && (!ClaimMachine.lacksResult(current) || random.nextBoolean()))
                != (random.nextInt(6) == 0);
        return new ResolveRequest(
                id,
                fence,
                version,
                TestClaim.of(id).request().token(),
                retires ? new Verdict.Retire() : pick(resolving),
                "operator-" + random.nextInt(2),
                "reason-" + random.nextInt(2));
    }

    /** Asks for what is remembered of a key, and compares it. */
    private void history(RecordId id) {
        int limit = random.nextInt(4) == 0 ? random.nextInt(3) : 100;
        KeyHistory expected = memory(id).history(limit);
        agree("the history of " + id.key(), text.describe(expected), text.describe(store().history(id, limit)));
    }

    private HistoryMemory memory(RecordId id) {
        return memories.computeIfAbsent(id, none -> new HistoryMemory());
    }

    private void advance() {
        advance(STEP.multipliedBy(random.nextInt(8) == 0 ? 26 : 1 + random.nextInt(4)));
    }

    private void advance(Duration step) {
        log.add("advance " + step);
        now = now.plus(step);
        fixture.advance(step);
        if (!exact) {
            // What the store does is move the rows back; so does the model, whose clock then never moved.
            now = now.minus(step);
            model.replaceAll((id, record) -> HistoryMemory.shifted(record, step));
            memories.values().forEach(memory -> memory.shift(step));
        }
    }

    private List<IdempotencyRecord> unfinished() {
        return model.values().stream()
                .filter(record -> ClaimMachine.isUnfinished(record, now.minus(OLD)))
                .filter(record -> record.state() == RecordState.IN_PROGRESS
                        || !record.updatedAt().isAfter(now.minus(OLD)))
                .toList();
    }

    private void findUnfinished() {
        log.add("findUnfinished " + OLD);
        agree("the unfinished", text.describeAll(unfinished()), text.describeAll(store().findUnfinished(OLD, 100)));
    }

    private void scanUnfinished() {
        log.add("scanUnfinished " + OLD);
        List<IdempotencyRecord> found = new ArrayList<>();
        OptionalLong from = OptionalLong.of(UnfinishedPage.START);
        while (from.isPresent()) {
            UnfinishedPage page = store().scanUnfinished(OLD, from.getAsLong());
            found.addAll(page.records());
            from = page.next();
        }
        agree("the scan", text.describeAll(unfinished()), text.describeAll(found));
    }

    private void purge() {
        log.add("purge");
        int before = model.size();
        model.values().removeIf(record -> ClaimMachine.isPurgeable(record, now));
        int expected = before - model.size();
        boolean longer = fixture.can(Capability.REMEMBERS_BEYOND_THE_RECORD);
        memories.forEach((id, memory) -> {
            if (!model.containsKey(id)) {
                memory.purged(now, longer);
            }
        });
        agree("the purge", "" + expected, "" + store().purge(100));
        ids.forEach(this::history);
    }

    private <T> T decide(RecordId id, Function<@Nullable IdempotencyRecord, Decision<T>> decision) {
        Decision<T> decided = decision.apply(model.get(id));
        decided.next().ifPresent(next -> model.put(id, next));
        return decided.outcome();
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
}
