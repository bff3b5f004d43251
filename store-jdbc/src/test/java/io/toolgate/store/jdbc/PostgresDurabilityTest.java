package io.toolgate.store.jdbc;

import static org.assertj.core.api.Assertions.assertThat;

import io.toolgate.Failure;
import io.toolgate.store.Lease;
import io.toolgate.store.ResolveOutcome;
import io.toolgate.store.RunEffect;
import io.toolgate.store.TransitionOutcome.Applied;
import io.toolgate.store.contract.Rule;
import io.toolgate.store.jdbc.TestPostgres.TestDatabase;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Every transition is on disk before it is answered, even where the role says that commits need not be. Seen by the
 * write-ahead log: after a synchronous commit all that was written before it is flushed; after another it is not, until
 * the server's writer comes round, which is put off for this test.
 */
class PostgresDurabilityTest {
    private TestDatabase database;
    private JdbcIdempotencyStore store;
    private boolean pooling;

    @BeforeEach
    void lazyWriter() {
        TestPostgres.admin()
                .run("ALTER SYSTEM SET wal_writer_delay = '10s'", "ALTER SYSTEM SET wal_writer_flush_after = '1GB'");
        TestPostgres.admin().run("SELECT pg_reload_conf()");
        database = TestPostgres.migrated();
        database.run("CREATE ROLE lazy LOGIN", "ALTER ROLE lazy SET synchronous_commit = off");
        database.run(TestPostgres.runtimeGrants("lazy"));
    }

    @AfterEach
    void usualWriter() {
        store.close();
        TestPostgres.admin().run("ALTER SYSTEM RESET wal_writer_delay");
        TestPostgres.admin().run("ALTER SYSTEM RESET wal_writer_flush_after", "SELECT pg_reload_conf()");
        database.drop();
        TestPostgres.admin().run("DROP ROLE lazy");
    }

    /** How far the log is written. */
    private long written() {
        return database.count("SELECT pg_wal_lsn_diff(pg_current_wal_insert_lsn(), '0/0')::bigint");
    }

    /**
     * How far the log is flushed. What a commit flushes is beyond all that was written before the transaction began.
     */
    private long flushed() {
        return database.count("SELECT pg_wal_lsn_diff(pg_current_wal_flush_lsn(), '0/0')::bigint");
    }

    private String lazyUrl() {
        return database.url().replace("user=postgres", "user=lazy");
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    @Rule(3)
    void aTransitionIsFlushedBeforeItIsAnswered(boolean transactionPooling) throws Exception {
        pooling = transactionPooling;
        store = JdbcIdempotencyStore.builder(lazyUrl())
                .transactionPooling(pooling)
                .poolSize(1)
                .open();
        long before = afterAPlainInsertThatIsNotFlushed();
        Lease first = TestRequests.acquired(store, TestRequests.hold(TestRequests.freshId()));
        assertThat(flushed()).as("after a claim").isGreaterThan(before);
        Lease second = TestRequests.acquired(store, TestRequests.hold(TestRequests.freshId()));
        before = afterAPlainInsertThatIsNotFlushed();
        assertThat(store.heartbeat(List.of(first, second), Duration.ofMinutes(1)))
                .hasSize(2);
        assertThat(flushed()).as("after a heartbeat").isGreaterThan(before);
        before = afterAPlainInsertThatIsNotFlushed();
        assertThat(store.checkpoint(first, "sent", TestRequests.result("1"))).isInstanceOf(Applied.class);
        assertThat(flushed()).as("after a checkpoint").isGreaterThan(before);
        before = afterAPlainInsertThatIsNotFlushed();
        assertThat(store.complete(first, TestRequests.result("paid"))).isInstanceOf(Applied.class);
        assertThat(flushed()).as("after a completion").isGreaterThan(before);
        before = afterAPlainInsertThatIsNotFlushed();
        assertThat(store.resolve(TestRequests.retire(store, first.id()))).isInstanceOf(ResolveOutcome.Resolved.class);
        assertThat(flushed()).as("after a decision").isGreaterThan(before);
        before = afterAPlainInsertThatIsNotFlushed();
        assertThat(store.fail(second, Failure.notExecuted("refused", ""), RunEffect.NOT_STARTED))
                .isInstanceOf(Applied.class);
        assertThat(flushed()).as("after a failure").isGreaterThan(before);
        before = afterAPlainInsertThatIsNotFlushed();
        Lease third = TestRequests.acquired(store, TestRequests.hold(second.id()));
        assertThat(flushed()).as("after a takeover").isGreaterThan(before);
        database.run("UPDATE tg_idempotency SET lease_until = now() WHERE record_id = '"
                + third.id().toUuid() + "'");
        before = afterAPlainInsertThatIsNotFlushed();
        assertThat(store.claim(TestRequests.hold(third.id())))
                .isInstanceOf(io.toolgate.store.ClaimOutcome.InDoubt.class);
        assertThat(flushed()).as("after a record was put in doubt").isGreaterThan(before);
    }

    /**
     * The control, without which the test above could not fail.
     *
     * @return how far the log is written, beyond what is flushed
     */
    private long afterAPlainInsertThatIsNotFlushed() throws Exception {
        var dataSource = new org.postgresql.ds.PGSimpleDataSource();
        dataSource.setUrl(lazyUrl());
        try (var connection = dataSource.getConnection();
                var statement = connection.createStatement()) {
            // The writer wakes at most every ten seconds, so that one of a few is caught unflushed.
            for (int i = 0; i < 20; i++) {
                int unused =
                        statement.executeUpdate("INSERT INTO tg_idempotency SELECT gen_random_uuid(), 't', 'a', 'k',"
                                + " 'IN_PROGRESS', 1, 1, gen_random_uuid(), 'o', now(), sha256('x'), NULL, NULL, NULL,"
                                + " NULL, now(), now(), now() + interval '1 hour'");
                long written = written();
                if (flushed() < written) {
                    return written;
                }
            }
        }
        throw new AssertionError("no plain commit was ever seen unflushed; the control does not work");
    }
}
