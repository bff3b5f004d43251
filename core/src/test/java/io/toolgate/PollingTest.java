package io.toolgate;

import static io.toolgate.Gates.KEY;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.toolgate.store.ForwardingStore;
import io.toolgate.store.IdempotencyRecord;
import io.toolgate.store.Lease;
import io.toolgate.store.Payload;
import io.toolgate.store.RecordId;
import io.toolgate.store.StoreException;
import io.toolgate.store.Subscription;
import io.toolgate.store.TransitionOutcome;
import io.toolgate.store.contract.Rule;
import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Future;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

/** The polls of waiting calls, where a subscription fails or a row cannot be read or is gone. */
@SuppressWarnings("CheckReturnValue") // Much is done here for what it does to the record.
class PollingTest extends GateFixture {
    @Test
    @Rule(8)
    void aSubscriptionThatFailsStopsNoPoll() throws Exception {
        Lease lease = claimElsewhere(KEY);
        ToolGate gate = gates.gate(ToolGate.on(new ForwardingStore(store) {
                    @Override
                    public Subscription subscribe(Consumer<RecordId> c) {
                        throw new UnsupportedOperationException("this store cannot push");
                    }
                })
                .waitForInProgress(Duration.ofSeconds(2)));
        Future<Outcome<String>> f =
                gates.start(() -> gate.execute(Gates.counting(runs).build(), KEY, "in"));
        awaitPolls();
        other.complete(lease, Payload.of("text/1", new byte[] {'x'}));
        assertThat(Gates.get(f).isCompleted()).isTrue();
    }

    @Test
    @Rule(8)
    void aSubscriptionThatHangsStopsNoPoll() throws Exception {
        CountDownLatch never = new CountDownLatch(1);
        Lease lease = claimElsewhere(KEY);
        ToolGate gate = gates.gate(ToolGate.on(new ForwardingStore(store) {
                    @Override
                    public Subscription subscribe(Consumer<RecordId> c) {
                        Gates.await(never);
                        return super.subscribe(c);
                    }
                })
                .waitForInProgress(Duration.ofSeconds(2)));
        Future<Outcome<String>> f =
                gates.start(() -> gate.execute(Gates.counting(runs).build(), KEY, "in"));
        awaitPolls();
        other.complete(lease, Payload.of("text/1", new byte[] {'x'}));
        assertThat(Gates.get(f).isCompleted()).isTrue();
    }

    @Test
    @Rule(8)
    void aRowThatCannotBeReadDelaysNoOtherKey() throws Exception {
        IdempotencyKey bad = IdempotencyKey.of("tenant", "bad");
        RecordId badId = bad.in("charge-card");
        claimElsewhere(bad);
        Lease good = claimElsewhere(KEY);
        ToolGate gate = gates.gate(ToolGate.on(new ForwardingStore(store) {
                    @Override
                    public Map<RecordId, IdempotencyRecord> peekAll(Collection<RecordId> ids) {
                        if (ids.contains(badId)) {
                            throw new StoreException.Corrupt("a state of a newer version", null);
                        }
                        return super.peekAll(ids);
                    }

                    @Override
                    public Optional<IdempotencyRecord> peek(RecordId id) {
                        if (id.equals(badId)) {
                            throw new StoreException.Corrupt("a state of a newer version", null);
                        }
                        return super.peek(id);
                    }
                })
                .waitForInProgress(Duration.ofSeconds(2)));
        PaidAction<String, String> action = Gates.counting(runs).build();
        store.pushHints(false);
        CompletableFuture<Outcome<String>> unreadable = gate.executeAsync(action, bad, "in");
        CompletableFuture<Outcome<String>> f = gate.executeAsync(action, KEY, "in");
        other.complete(good, Payload.of("text/1", new byte[] {'x'}));
        assertThat(Gates.get(f).isCompleted()).isTrue();
        assertThat(unreadable)
                .failsWithin(Duration.ofSeconds(30))
                .withThrowableThat()
                .havingCause()
                .isInstanceOf(ToolGateException.NotExecuted.class)
                .withMessageContaining("a state of a newer version");
    }

    @Test
    @Rule(8)
    void aRowThatAPollOmitsIsReadAloneBeforeItCountsAsDeleted() throws Exception {
        IdempotencyKey bad = IdempotencyKey.of("tenant", "bad");
        RecordId badId = bad.in("charge-card");
        claimElsewhere(bad);
        Lease good = claimElsewhere(KEY);
        ToolGate gate = gates.gate(ToolGate.on(new ForwardingStore(store) {
                    @Override
                    public Map<RecordId, IdempotencyRecord> peekAll(Collection<RecordId> ids) {
                        if (ids.contains(badId)) {
                            Map<RecordId, IdempotencyRecord> readable = new HashMap<>(super.peekAll(ids));
                            readable.remove(badId);
                            return readable;
                        }
                        return super.peekAll(ids);
                    }

                    @Override
                    public Optional<IdempotencyRecord> peek(RecordId id) {
                        if (id.equals(badId)) {
                            throw new StoreException.Corrupt("a state of a newer version", null);
                        }
                        return super.peek(id);
                    }
                })
                .waitForInProgress(Duration.ofSeconds(2)));
        PaidAction<String, String> action = Gates.counting(runs).build();
        store.pushHints(false);
        CompletableFuture<Outcome<String>> unreadable = gate.executeAsync(action, bad, "in");
        CompletableFuture<Outcome<String>> f = gate.executeAsync(action, KEY, "in");
        other.complete(good, Payload.of("text/1", new byte[] {'x'}));
        assertThat(Gates.get(f).isCompleted()).isTrue();
        assertThat(unreadable)
                .failsWithin(Duration.ofSeconds(30))
                .withThrowableThat()
                .havingCause()
                .isInstanceOf(ToolGateException.NotExecuted.class)
                .withMessageContaining("a state of a newer version");
    }

    @Test
    void aDeletedRecordLeavesTheEffectUnknown() throws Exception {
        store.pushHints(false);
        Lease lease = claimElsewhere(KEY);
        CompletableFuture<Outcome<String>> waiting =
                gate(20_000).executeAsync(Gates.counting(runs).build(), KEY, "in");
        awaitPolls();
        gates.database.remove(id);
        assertThatThrownBy(Gates.get(waiting)::valueOrThrow)
                .isInstanceOf(ToolGateException.ResultUnavailable.class)
                .hasMessageContaining("It is unknown here whether the run took effect");
        assertThat(other.complete(lease, Payload.ofNull("text/1"))).isInstanceOf(TransitionOutcome.LeaseLost.class);
    }
}
