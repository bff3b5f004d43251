package io.toolgate.store.jdbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.toolgate.Failure;
import io.toolgate.store.ActionCounts;
import io.toolgate.store.ClaimOutcome.Acquired;
import io.toolgate.store.ClaimOutcome.Finished;
import io.toolgate.store.ClaimOutcome.Previous;
import io.toolgate.store.ClaimRequest;
import io.toolgate.store.Lease;
import io.toolgate.store.RecordId;
import io.toolgate.store.RecordNumbers;
import io.toolgate.store.RecordState;
import io.toolgate.store.ResolveOutcome;
import io.toolgate.store.ResolveRequest;
import io.toolgate.store.RunEffect;
import io.toolgate.store.StoreException;
import io.toolgate.store.TransitionOutcome.AlreadyApplied;
import io.toolgate.store.TransitionOutcome.Applied;
import io.toolgate.store.contract.Rule;
import io.toolgate.store.jdbc.Proxy.Cut;
import io.toolgate.store.jdbc.TestPostgres.TestDatabase;
import io.toolgate.store.jdbc.internal.open.PostgresOpener;
import io.toolgate.store.jdbc.internal.open.StoreSettings;
import io.toolgate.store.jdbc.internal.open.StoreUrl;
import io.toolgate.store.jdbc.internal.operation.RecordReads;
import java.io.IOException;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What goes over the wire, counted; and what holds when the wire is cut. */
class PostgresWireTest {
    private final TestDatabase database = TestPostgres.shared();
    private Proxy proxy;
    private JdbcIdempotencyStore store;

    @BeforeEach
    void open() throws IOException {
        TestPostgres.clear(database);
        proxy = new Proxy(TestPostgres.port());
        store = JdbcIdempotencyStore.builder(database.url(proxy.port()))
                .poolSize(1)
                .pushWakeUps(false)
                .open();
        // The pool fills, and the driver learns the types.
        for (int i = 0; i < 10; i++) {
            Lease lease = TestRequests.acquired(store, TestRequests.hold(TestRequests.freshId()));
            assertThat(store.complete(lease, TestRequests.result("warm"))).isInstanceOf(Applied.class);
        }
    }

    @AfterEach
    void close() throws IOException {
        assertThat(store.activeConnections()).isZero();
        store.close();
        proxy.close();
    }

    private long executes() {
        return proxy.types().chars().filter(type -> type == 'E' || type == 'Q').count();
    }

    @Test
    void theProxyIgnoresThePoolsOwnStatements() throws Exception {
        proxy.clear();
        try (var connection = new PostgresOpener(StoreSettings.defaults(null, null))
                .driver(StoreUrl.parse(database.url(proxy.port())), true)
                .getConnection()) {
            long before = executes();
            for (int i = 0; i < 10; i++) {
                assertThat(connection.isValid(5)).isTrue();
            }
            assertThat(executes()).isEqualTo(before);
        }
    }

    @Test
    void anUncontendedRunIsExactlyTwoStatementsEachItsOwnTransaction() {
        proxy.clear();
        Lease lease = TestRequests.acquired(store, TestRequests.hold(TestRequests.freshId()));
        assertThat(store.complete(lease, TestRequests.result("paid"))).isInstanceOf(Applied.class);
        // Prepared by now, so: bind, (describe,) execute, sync; no BEGIN, no COMMIT, no SET.
        assertThat(proxy.types()).matches("(P?BD?ES){2}");
        assertThat(executes()).isEqualTo(2);
    }

    @Test
    void theJournalAddsNoRoundTrip() {
        TestDatabase journalled = TestPostgres.migrated();
        try (JdbcIdempotencyStore other = JdbcIdempotencyStore.builder(journalled.url(proxy.port()))
                .poolSize(1)
                .pushWakeUps(false)
                .migrate(true)
                .journal(true)
                .open()) {
            for (int i = 0; i < 10; i++) {
                var unused = run(other);
            }
            proxy.clear();
            RecordId id = run(other);
            assertThat(proxy.types()).matches("(P?BD?ES){2}");
            assertThat(other.journal(id)).hasSize(2);
        } finally {
            journalled.drop();
        }
    }

    private static RecordId run(JdbcIdempotencyStore store) {
        Lease lease = TestRequests.acquired(store, TestRequests.hold(TestRequests.freshId()));
        assertThat(store.complete(lease, TestRequests.result("paid"))).isInstanceOf(Applied.class);
        return lease.id();
    }

    @Test
    void aCheckpointIsOneStatementAndADecisionTwo() {
        Lease lease = TestRequests.acquired(store, TestRequests.hold(TestRequests.freshId()));
        proxy.clear();
        assertThat(store.checkpoint(lease, "sent", TestRequests.result("1"))).isInstanceOf(Applied.class);
        assertThat(proxy.types()).matches("P?BD?ES");
        assertThat(store.complete(lease, TestRequests.result("paid"))).isInstanceOf(Applied.class);
        ResolveRequest retire = TestRequests.retire(store, lease.id());
        proxy.clear();
        assertThat(store.resolve(retire)).isInstanceOf(ResolveOutcome.Resolved.class);
        assertThat(proxy.types()).as("a read, and what it decided").matches("(P?BD?ES){2}");
        proxy.clear();
        assertThat(store.history(lease.id(), 10).entries()).hasSize(1);
        assertThat(executes()).isEqualTo(1);
        proxy.clear();
        store.count(List.of(counts("charge"), counts("refund"), counts("charge")));
        assertThat(executes()).isEqualTo(1);
        store.count(List.of(counts("charge")));
        assertThat(database.one(
                        "SELECT string_agg(action || executed, ',' ORDER BY action) FROM tg_idempotency_counts"))
                .isEqualTo("charge3,refund1");
        proxy.clear();
        store.count(List.of());
        assertThat(executes()).isZero();
    }

    private static ActionCounts counts(String action) {
        return new ActionCounts(action, 1, 2, 3, 4, 5, 6, 7, 8);
    }

    @Test
    void aReplayIsExactlyOneStatementThatLocksNothingAndWritesNothing() throws SQLException {
        RecordId id = TestRequests.freshId();
        assertThat(store.complete(TestRequests.acquired(store, TestRequests.hold(id)), TestRequests.result("paid")))
                .isInstanceOf(Applied.class);
        String row = "SELECT ctid, xmin, xmax FROM tg_idempotency WHERE record_id = '" + id.toUuid() + "'";
        // One connection for all looks: a new one would tidy up pages of the catalog.
        try (var connection = database.dataSource().getConnection();
                var statement = connection.createStatement()) {
            // The first look after an update may tidy up the page, which is not the replay's own doing.
            boolean unused = statement.execute("VACUUM tg_idempotency");
            assertThat(store.claim(TestRequests.hold(id))).isInstanceOf(Finished.class);
            String rowBefore = one(statement, row);
            // Race: the server's own processes (autovacuum, the checkpointer) write WAL now and then, and the position
            // is that of the whole server. What replays write they write in every round: one round without a byte is
            // enough.
            long leastWal = Long.MAX_VALUE;
            for (int round = 0; round < 20 && leastWal > 0; round++) {
                leastWal = Math.min(leastWal, walOfReplays(statement, id, 20));
            }
            assertThat(leastWal).as("bytes of WAL").isZero();
            assertThat(one(statement, row)).isEqualTo(rowBefore);
        }
    }

    private long walOfReplays(Statement statement, RecordId id, int replays) throws SQLException {
        String before = one(statement, "SELECT pg_current_wal_insert_lsn()");
        proxy.clear();
        for (int i = 0; i < replays; i++) {
            assertThat(store.claim(TestRequests.hold(id))).isInstanceOf(Finished.class);
        }
        assertThat(executes()).isEqualTo(replays);
        return Long.parseLong(
                one(statement, "SELECT pg_wal_lsn_diff(pg_current_wal_insert_lsn(), '" + before + "')::bigint"));
    }

    private static String one(Statement statement, String query) throws SQLException {
        try (var row = statement.executeQuery(query)) {
            row.next();
            return row.getString(1);
        }
    }

    @Test
    @Rule(8)
    void aHeartbeatOfAThousandLeasesIsOneStatement() {
        List<Lease> leases = IntStream.range(0, 1000)
                .mapToObj(i -> TestRequests.acquired(store, TestRequests.hold(TestRequests.freshId())))
                .toList();
        proxy.clear();
        assertThat(store.heartbeat(leases, Duration.ofMinutes(1))).hasSize(1000);
        assertThat(executes()).isEqualTo(1);
        proxy.clear();
        assertThat(store.heartbeat(List.of(), Duration.ofMinutes(1))).isEmpty();
        assertThat(executes()).isZero();
    }

    @Test
    @Rule(8)
    void onePollOfAThousandRecordsIsOneStatement() {
        List<RecordId> ids = IntStream.range(0, RecordReads.CHUNK)
                .mapToObj(i -> TestRequests.freshId())
                .toList();
        proxy.clear();
        assertThat(store.peekAll(ids)).isEmpty();
        assertThat(executes()).isEqualTo(1);
    }

    @ParameterizedTest
    @EnumSource(
            value = Cut.class,
            names = {"BEFORE_THE_SERVER", "AFTER_THE_SERVER"})
    @Rule(14)
    void aClaimWhoseConnectionIsCutRecognisesItself(Cut where) {
        RecordId id = TestRequests.freshId();
        ClaimRequest request = TestRequests.hold(id);
        proxy.cutAt(where, message -> message.contains(id.key()));
        assertThat(store.claim(request))
                .isEqualTo(new Acquired(new Lease(id, request.token(), 1), 1, RecordNumbers.FIRST, null));
        assertThat(proxy.cuts()).isEqualTo(1);
        assertThat(database.count("SELECT count(*) FROM tg_idempotency WHERE status = 'IN_PROGRESS'"))
                .isEqualTo(1);
    }

    @ParameterizedTest
    @EnumSource(
            value = Cut.class,
            names = {"BEFORE_THE_SERVER", "AFTER_THE_SERVER"})
    @Rule(14)
    void aTakeoverWhoseConnectionIsCutReportsThePreviousAttempt(Cut where) {
        RecordId id = TestRequests.freshId();
        Lease before = TestRequests.acquired(store, TestRequests.take(id));
        Failure released = Failure.notExecuted("refused", "try later");
        assertThat(store.fail(before, released, RunEffect.NOT_STARTED)).isInstanceOf(Applied.class);
        ClaimRequest request = TestRequests.take(id);
        // The fingerprint goes with the INSERT and with the takeover; the status that was seen only with the latter.
        proxy.cutAt(where, message -> message.startsWith("B") && message.contains("RETRYABLE"));
        assertThat(store.claim(request))
                .isEqualTo(new Acquired(
                        new Lease(id, request.token(), 2),
                        3,
                        new RecordNumbers(1, 1, 0, 0),
                        new Previous(RecordState.RETRYABLE, 1, released)));
        assertThat(proxy.cuts()).isEqualTo(1);
    }

    @ParameterizedTest
    @EnumSource(
            value = Cut.class,
            names = {"BEFORE_THE_SERVER", "AFTER_THE_SERVER"})
    @Rule(14)
    void aCompletionWhoseConnectionIsCutIsStoredOnce(Cut where) {
        Lease lease = TestRequests.acquired(store, TestRequests.hold(TestRequests.freshId()));
        proxy.cutAt(where, message -> message.startsWith("B") && message.contains("receipt-of-the-cut"));
        assertThat(store.complete(lease, TestRequests.result("receipt-of-the-cut")))
                .isInstanceOf(where == Cut.AFTER_THE_SERVER ? AlreadyApplied.class : Applied.class);
        assertThat(proxy.cuts()).isEqualTo(1);
        assertThat(store.peek(lease.id()).orElseThrow().version()).isEqualTo(2);
    }

    @Test
    @Rule(14)
    void aBackendThatIsTerminatedInBetweenIsReplaced() {
        for (int i = 0; i < 5; i++) {
            Lease lease = TestRequests.acquired(store, TestRequests.hold(TestRequests.freshId()));
            terminateBackends();
            assertThat(store.complete(lease, TestRequests.result("paid"))).isInstanceOf(Applied.class);
            terminateBackends();
        }
    }

    @Test
    @Rule(14)
    void aBackendThatIsTerminatedWhileItWaitsForALockIsReplaced() throws Exception {
        Lease lease = TestRequests.acquired(store, TestRequests.hold(TestRequests.freshId()));
        try (var blocker = database.dataSource().getConnection();
                var statement = blocker.createStatement()) {
            blocker.setAutoCommit(false);
            boolean unused = statement.execute("SELECT 1 FROM tg_idempotency WHERE record_id = '"
                    + lease.id().toUuid() + "' FOR UPDATE");
            var completion = java.util.concurrent.CompletableFuture.supplyAsync(
                    () -> store.complete(lease, TestRequests.result("paid")));
            org.awaitility.Awaitility.await()
                    .until(() -> database.count("SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'"
                                    + " AND datname = '" + database.name() + "'")
                            > 0);
            terminateWaiting();
            blocker.rollback();
            assertThat(completion.get(20, java.util.concurrent.TimeUnit.SECONDS))
                    .isInstanceOf(Applied.class);
        }
    }

    @Test
    @Rule(14)
    void aStatementThatTimedOutAtTheClientWasCancelledByTheServer() throws Exception {
        RecordId id = TestRequests.freshId();
        try (JdbcIdempotencyStore hasty = JdbcIdempotencyStore.builder(database.url())
                        .poolSize(1)
                        .statementTimeout(Duration.ofMillis(200))
                        .open();
                var blocker = database.dataSource().getConnection();
                var statement = blocker.createStatement()) {
            blocker.setAutoCommit(false);
            int unused = statement.executeUpdate("INSERT INTO tg_idempotency SELECT '" + id.toUuid()
                    + "', 't', 'a', 'k', 'IN_PROGRESS', 1, 1, gen_random_uuid(), 'o', now(), sha256('x'), NULL, NULL,"
                    + " NULL, NULL, now(), now(), now() + interval '1 hour'");
            assertThatThrownBy(() -> hasty.claim(TestRequests.hold(id)))
                    .isInstanceOf(StoreException.Unavailable.class)
                    .hasMessageContaining("It did not take effect")
                    .hasMessageContaining("SQLSTATE 57014");
            blocker.rollback();
            assertThat(database.count("SELECT count(*) FROM pg_stat_activity WHERE state = 'active' AND datname = '"
                            + database.name() + "' AND application_name = 'toolgate'"))
                    .as("statements that still run")
                    .isZero();
            assertThat(hasty.peek(id)).as("a claim that came true later").isEmpty();
        }
    }

    private void terminateBackends() {
        database.run("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'toolgate'"
                + " AND datname = '" + database.name() + "'");
    }

    private void terminateWaiting() {
        database.run("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE wait_event_type = 'Lock'"
                + " AND datname = '" + database.name() + "'");
    }
}
