package io.toolgate.store.jdbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.toolgate.Failure;
import io.toolgate.store.Checkpoint;
import io.toolgate.store.ClaimOutcome;
import io.toolgate.store.ClaimRequest;
import io.toolgate.store.Lease;
import io.toolgate.store.RecordId;
import io.toolgate.store.RecordState;
import io.toolgate.store.StoreException;
import io.toolgate.store.TransitionOutcome.Applied;
import io.toolgate.store.contract.Rule;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A claim and its input, on either database: both are stored, or neither. */
abstract class ClaimInputRules {
    private Backend backend;
    private JdbcIdempotencyStore store;

    abstract Backend openBackend();

    /** Makes the database refuse to store an input. */
    abstract String[] refuseInputs();

    /** Undoes that. */
    abstract String[] takeInputsAgain();

    @BeforeEach
    void open() {
        backend = openBackend();
        store = backend.builder().migrate(true).open();
    }

    @AfterEach
    void close() {
        assertThat(store.activeConnections()).as("connections not given back").isZero();
        store.close();
        backend.close();
    }

    private static ClaimRequest withInput(ClaimRequest request) {
        return TestRequests.remembering(request, "the order");
    }

    private void remembers(RecordId id) {
        assertThat(store.history(id, 0).checkpoints())
                .extracting(Checkpoint::value)
                .containsExactly(TestRequests.result("the order"));
    }

    @Test
    @Rule(19)
    void withoutItsInputAClaimIsNotMade() {
        RecordId fresh = TestRequests.freshId();
        RecordId doubtful = TestRequests.freshId();
        Lease first = TestRequests.acquired(store, TestRequests.hold(doubtful));
        assertThat(store.fail(first, Failure.unknown("timeout", ""))).isInstanceOf(Applied.class);
        backend.run(refuseInputs());
        try {
            for (RecordId id : List.of(fresh, doubtful)) {
                assertThatThrownBy(() -> store.claim(withInput(TestRequests.take(id))))
                        .isInstanceOf(StoreException.class);
            }
        } finally {
            backend.run(takeInputsAgain());
        }
        assertThat(store.peek(fresh)).isEmpty();
        assertThat(store.peek(doubtful)).hasValueSatisfying(record -> {
            assertThat(record.state()).isEqualTo(RecordState.IN_DOUBT);
            assertThat(record.fence()).isEqualTo(1);
        });
        for (RecordId id : List.of(fresh, doubtful)) {
            Lease lease = TestRequests.acquired(store, withInput(TestRequests.take(id)));
            remembers(id);
            assertThat(store.complete(lease, TestRequests.result("paid"))).isInstanceOf(Applied.class);
        }
    }

    /** Race: claims with and without inputs share commits, and the database refuses the inputs. */
    @Test
    @Rule({1, 19})
    void claimsThatShareACommitWithOneWhoseInputIsRefusedAreMade() throws Exception {
        List<RecordId> plain = new ArrayList<>();
        List<RecordId> refused = new ArrayList<>();
        List<Callable<Void>> calls = new ArrayList<>();
        for (int i = 0; i < 40; i++) {
            RecordId id = TestRequests.freshId();
            boolean carries = i % 4 == 0;
            (carries ? refused : plain).add(id);
            calls.add(() -> {
                if (carries) {
                    assertThatThrownBy(() -> store.claim(withInput(TestRequests.hold(id))))
                            .isInstanceOf(StoreException.class);
                } else {
                    Lease unused = TestRequests.acquired(store, TestRequests.hold(id));
                }
                return null;
            });
        }
        backend.run(refuseInputs());
        try (io.toolgate.store.contract.Race race = new io.toolgate.store.contract.Race(calls.size())) {
            var unused = race.run(calls);
        } finally {
            backend.run(takeInputsAgain());
        }
        assertThat(store.peekAll(refused)).isEmpty();
        assertThat(store.peekAll(plain)).hasSameSizeAs(plain);
        for (RecordId id : refused) {
            assertThat(store.claim(withInput(TestRequests.hold(id)))).isInstanceOf(ClaimOutcome.Acquired.class);
            remembers(id);
        }
    }
}
