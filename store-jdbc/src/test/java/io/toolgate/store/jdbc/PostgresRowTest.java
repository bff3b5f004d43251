package io.toolgate.store.jdbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.toolgate.store.ActionCounts;
import io.toolgate.store.Lease;
import io.toolgate.store.RecordId;
import io.toolgate.store.ResolveOutcome.Resolved;
import io.toolgate.store.StoreException;
import io.toolgate.store.TransitionOutcome.Applied;
import io.toolgate.store.contract.Rule;
import io.toolgate.store.jdbc.TestPostgres.TestDatabase;
import io.toolgate.store.jdbc.internal.operation.RecordReads;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PostgresRowTest extends RowRules {
    @AutoClose("drop")
    private static final TestDatabase OWN = TestPostgres.migrated();

    @Override
    Backend openBackend() {
        Backend backend = Backend.postgres(OWN);
        backend.run("ALTER TABLE tg_idempotency DROP CONSTRAINT IF EXISTS no_results");
        return backend;
    }

    @Override
    List<String> withoutChecks(String spoil) {
        return List.of("ALTER TABLE tg_idempotency DROP CONSTRAINT IF EXISTS tg_idempotency_status_columns", spoil);
    }

    @Override
    String[] refuseResults() {
        return new String[] {"ALTER TABLE tg_idempotency ADD CONSTRAINT no_results CHECK (result IS NULL)"};
    }

    @Override
    void spread(List<RecordId> ids) {
        // A vacuum that passes meanwhile remembers room in earlier blocks, and a later record lands before an earlier
        // one.
        OWN.run("ALTER TABLE tg_idempotency SET (autovacuum_enabled = false)");
        for (int i = 0; i < ids.size(); i++) {
            OWN.run(row("'" + ids.get(i).key() + "'", "'IN_DOUBT', 1, 2", "'timeout'") + "(1, 1) AS i");
            OWN.run(row("'filler-" + i + "-' || i", "'REJECTED', 1, 2", "repeat('x', 100)") + "(1, 15000) AS i");
        }
        assertThat(OWN.count("SELECT pg_relation_size('tg_idempotency') / 8192"))
                .isGreaterThan(2 * RecordReads.SCANNED_BLOCKS);
    }

    private static String row(String key, String status, String code) {
        return "INSERT INTO tg_idempotency SELECT tg_record_id('tenant', 'charge', " + key + "), 'tenant', 'charge', "
                + key
                + ", " + status + ", gen_random_uuid(), 'test', now(), sha256('x'), NULL, NULL, " + code
                + ", NULL, now(), now(), now() + interval '1 hour' FROM generate_series";
    }

    @Test
    @Rule(13)
    void thePurgerNeedsNoMoreThanItsRole() {
        TestDatabase database = TestPostgres.migrated();
        database.run(
                "CREATE ROLE purger LOGIN",
                "GRANT SELECT, DELETE ON tg_idempotency, tg_idempotency_checkpoint, tg_idempotency_history TO purger",
                "GRANT SELECT ON tg_store_info TO purger",
                "CREATE ROLE runtime LOGIN");
        database.run(TestPostgres.runtimeGrants("runtime"));
        try (JdbcIdempotencyStore runtime = JdbcIdempotencyStore.builder(database.url())
                        .user("runtime")
                        .open();
                JdbcIdempotencyStore purger = JdbcIdempotencyStore.builder(database.url())
                        .user("purger")
                        .purgeOnly(true)
                        .open()) {
            Lease lease = TestRequests.acquired(runtime, TestRequests.hold(TestRequests.freshId()));
            assertThat(runtime.checkpoint(lease, "sent", TestRequests.result("1")))
                    .isInstanceOf(Applied.class);
            assertThat(runtime.complete(lease, TestRequests.result("paid"))).isInstanceOf(Applied.class);
            assertThat(runtime.resolve(TestRequests.retire(runtime, lease.id())))
                    .isInstanceOf(Resolved.class);
            assertThat(runtime.history(lease.id(), 10).entries()).hasSize(1);
            runtime.count(List.of(new ActionCounts("charge", 1, 0, 0, 0, 0, 0, 0, 0)));
            assertThatThrownBy(() -> runtime.purge(10))
                    .isInstanceOf(StoreException.Misconfigured.class)
                    .hasMessageContaining("DELETE for a purge");
            assertThatThrownBy(() -> purger.claim(TestRequests.hold(TestRequests.freshId())))
                    .isInstanceOf(StoreException.Misconfigured.class);
            database.run("UPDATE tg_idempotency SET created_at = created_at - interval '1 day',"
                    + " updated_at = updated_at - interval '2 days', expires_at = now()");
            database.run("UPDATE tg_idempotency_history SET forget_at = now()");
            assertThat(purger.purge(10)).isEqualTo(1);
            assertThat(database.count("SELECT (SELECT count(*) FROM tg_idempotency_checkpoint)"
                            + " + (SELECT count(*) FROM tg_idempotency_history)"))
                    .isZero();
        } finally {
            database.drop();
            TestPostgres.admin().run("DROP ROLE purger", "DROP ROLE runtime");
        }
    }

    @Test
    void aCompletionTouchesNoIndex() {
        TestDatabase database = TestPostgres.migrated();
        try (JdbcIdempotencyStore store =
                JdbcIdempotencyStore.builder(database.url()).open()) {
            List<Lease> leases = IntStream.range(0, 300)
                    .mapToObj(i -> TestRequests.acquired(store, TestRequests.hold(TestRequests.freshId())))
                    .toList();
            assertThat(store.heartbeat(leases, TestRequests.LEASE)).hasSize(300);
            for (Lease lease : leases) {
                assertThat(store.complete(lease, TestRequests.result("paid"))).isInstanceOf(Applied.class);
            }
            store.close();
            org.awaitility.Awaitility.await()
                    .until(() -> database.count(
                                    "SELECT n_tup_upd FROM pg_stat_user_tables" + " WHERE relname = 'tg_idempotency'")
                            >= 600);
            assertThat(database.count("SELECT 100 * n_tup_hot_upd / n_tup_upd FROM pg_stat_user_tables"
                            + " WHERE relname = 'tg_idempotency'"))
                    .as("percentage of heap-only updates, of heartbeats and completions")
                    .isGreaterThan(75);
        } finally {
            database.drop();
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "UPDATE tg_idempotency SET version = version + 1 WHERE record_id = '%s'",
                "SELECT 1 FROM tg_idempotency WHERE record_id = '%s' FOR UPDATE"
            })
    @Rule(13)
    void aPurgeDoesNotWaitForARecordThatATransactionHolds(String holding) throws Exception {
        try (Backend backend = openBackend();
                JdbcIdempotencyStore store = backend.builder().open()) {
            List<RecordId> ids =
                    IntStream.range(0, 3).mapToObj(i -> TestRequests.freshId()).toList();
            for (RecordId id : ids) {
                assertThat(store.complete(
                                TestRequests.acquired(store, TestRequests.hold(id)), TestRequests.result("paid")))
                        .isInstanceOf(Applied.class);
            }
            backend.advance(Duration.ofDays(365));
            try (var holder = OWN.dataSource().getConnection();
                    var statement = holder.createStatement()) {
                holder.setAutoCommit(false);
                boolean unused =
                        statement.execute(String.format(holding, ids.get(0).toUuid()));
                assertThat(CompletableFuture.supplyAsync(() -> store.purge(10)).get(20, TimeUnit.SECONDS))
                        .as("while it is held")
                        .isEqualTo(2);
                holder.rollback();
            }
            assertThat(store.purge(10)).as("after that").isEqualTo(1);
        }
    }
}
