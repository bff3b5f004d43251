package io.toolgate;

import static io.toolgate.Gates.KEY;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.toolgate.store.ForwardingStore;
import io.toolgate.store.IdempotencyRecord;
import io.toolgate.store.IdempotencyStore;
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
    private static final IdempotencyKey BAD = IdempotencyKey.of("tenant", "bad");
    private static final RecordId BAD_ID = BAD.in("charge-card");

    private void aRunElsewhereEndsAWaitAt(IdempotencyStore polled) throws Exception {
        Lease lease = claimElsewhere(KEY);
        ToolGate gate = gates.gate(ToolGate.on(polled).waitForInProgress(Duration.ofSeconds(2)));
        Future<Outcome<String>> f =
                gates.start(() -> gate.execute(Gates.counting(runs).build(), KEY, "in"));
        awaitPolls();
        other.complete(lease, Payload.of("text/1", new byte[] {'x'}));
        assertThat(Gates.get(f).isCompleted()).isTrue();
    }

    @Test
    @Rule(8)
    void aSubscriptionThatFailsStopsNoPoll() throws Exception {
        aRunElsewhereEndsAWaitAt(new ForwardingStore(store) {
            @Override
            public Subscription subscribe(Consumer<RecordId> c) {
                throw new UnsupportedOperationException("this store cannot push");
            }
        });
    }

    @Test
    @Rule(8)
    void aSubscriptionThatHangsStopsNoPoll() throws Exception {
        CountDownLatch never = new CountDownLatch(1);
        aRunElsewhereEndsAWaitAt(new ForwardingStore(store) {
            @Override
            public Subscription subscribe(Consumer<RecordId> c) {
                Gates.await(never);
                return super.subscribe(c);
            }
        });
    }

    /** Store that cannot read the row of {@link #BAD}. */
    private static class UnreadableRow extends ForwardingStore {
        UnreadableRow(IdempotencyStore store) {
            super(store);
        }

        @Override
        public Optional<IdempotencyRecord> peek(RecordId id) {
            if (id.equals(BAD_ID)) {
                throw new StoreException.Corrupt("a state of a newer version", null);
            }
            return super.peek(id);
        }
    }

    private void onlyTheCallForTheBadKeyFails(UnreadableRow polled) throws Exception {
        claimElsewhere(BAD);
        Lease good = claimElsewhere(KEY);
        ToolGate gate = gates.gate(ToolGate.on(polled).waitForInProgress(Duration.ofSeconds(2)));
        PaidAction<String, String> action = Gates.counting(runs).build();
        store.pushHints(false);
        CompletableFuture<Outcome<String>> unreadable = gate.executeAsync(action, BAD, "in");
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
    void aRowThatCannotBeReadDelaysNoOtherKey() throws Exception {
        onlyTheCallForTheBadKeyFails(new UnreadableRow(store) {
            @Override
            public Map<RecordId, IdempotencyRecord> peekAll(Collection<RecordId> ids) {
                if (ids.contains(BAD_ID)) {
                    throw new StoreException.Corrupt("a state of a newer version", null);
                }
                return super.peekAll(ids);
            }
        });
    }

    @Test
    @Rule(8)
    void aRowThatAPollOmitsIsReadAloneBeforeItCountsAsDeleted() throws Exception {
        onlyTheCallForTheBadKeyFails(new UnreadableRow(store) {
            @Override
            public Map<RecordId, IdempotencyRecord> peekAll(Collection<RecordId> ids) {
                Map<RecordId, IdempotencyRecord> readable = new HashMap<>(super.peekAll(ids));
                readable.remove(BAD_ID);
                return readable;
            }
        });
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
