package io.toolgate.store.jdbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.toolgate.store.Lease;
import io.toolgate.store.StoreException;
import io.toolgate.store.TransitionOutcome;
import io.toolgate.store.TransitionOutcome.Applied;
import io.toolgate.store.contract.Rule;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** Rows that belong to a result, on PostgreSQL, where a transaction locks its rows only. */
class PostgresStoredRowsTest extends StoredRowsRules {
    @Override
    Backend openBackend() {
        return Backend.postgres();
    }

    @Test
    @Rule(8)
    void leasesAreRenewedWhileRowsAreWritten() throws Exception {
        Lease slow = claimed();
        Lease other = claimed();
        CountDownLatch writing = new CountDownLatch(1);
        CountDownLatch goOn = new CountDownLatch(1);
        CompletableFuture<TransitionOutcome> completion = CompletableFuture.supplyAsync(
                () -> store.complete(slow, TestRequests.result("paid"), written(connection -> {
                    writing.countDown();
                    TestLatches.await(goOn);
                    insert(connection, slow.id().key(), "slow");
                })),
                task -> new Thread(task).start());
        TestLatches.await(writing);
        assertThat(store.heartbeat(List.of(slow, other), Duration.ofMinutes(1))).containsExactlyInAnyOrder(slow, other);
        goOn.countDown();
        assertThat(completion.get(30, TimeUnit.SECONDS)).isInstanceOf(Applied.class);
    }

    @Test
    @Rule(18)
    void aWriterThatCommitsInSqlIsFoundOut() {
        Lease lease = claimed();
        assertThatThrownBy(() -> store.complete(lease, TestRequests.result("paid"), written(connection -> {
                    insert(connection, lease.id().key(), "test");
                    try (var sql = connection.createStatement()) {
                        boolean unused = sql.execute("COMMIT");
                    }
                })))
                .isInstanceOf(StoreException.RowsFailed.class)
                .hasMessageContaining("was ended");
    }
}
