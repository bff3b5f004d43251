package io.toolgate.store.jdbc.internal.commit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.toolgate.store.ClaimRequest;
import io.toolgate.store.Lease;
import io.toolgate.store.Payload;
import io.toolgate.store.RecordId;
import io.toolgate.store.RecordState;
import io.toolgate.store.contract.Rule;
import io.toolgate.store.jdbc.Backend;
import io.toolgate.store.jdbc.TestRequests;
import io.toolgate.store.jdbc.internal.commit.Write.ClaimAnswer;
import io.toolgate.store.jdbc.internal.commit.Write.Completed;
import io.toolgate.store.jdbc.internal.error.SqlErrorKind;
import io.toolgate.store.jdbc.internal.sql.Dialect;
import io.toolgate.store.jdbc.internal.sql.RetryLoop;
import io.toolgate.store.jdbc.internal.sql.SqlRunner;
import io.toolgate.store.jdbc.internal.sql.SqlRunner.StatementFailed;
import io.toolgate.store.jdbc.internal.sql.WriteQueue;
import io.toolgate.store.jdbc.internal.sqlite.SqliteConnections;
import io.toolgate.store.jdbc.internal.sqlite.SqliteFile;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.sqlite.SQLiteDataSource;
import org.sqlite.SQLiteErrorCode;
import org.sqlite.SQLiteException;

/** What becomes of writes that share a commit when one of them, or all of them, cannot be written. */
class SqliteGroupWritesTest {
    @TempDir
    Path directory;

    private Backend backend;
    private SqliteGroupWrites writes;
    private final AtomicInteger transactions = new AtomicInteger();
    private final CountingQueue queue = new CountingQueue();

    /** Counts how often it was entered and not left. */
    private static final class CountingQueue implements WriteQueue {
        private final AtomicInteger depth = new AtomicInteger();
        private int entered;

        @Override
        public void enter() {
            depth.incrementAndGet();
            entered++;
        }

        @Override
        public void exit() {
            depth.decrementAndGet();
        }
    }

    private volatile String setUp = "PRAGMA query_only = OFF";

    @BeforeEach
    void open() {
        backend = Backend.sqlite(directory);
        SqliteConnections connections = SqliteConnections.to(SqliteFile.at(directory.resolve("store.db")));
        SQLiteDataSource counted = new SQLiteDataSource() {
            @Override
            public Connection getConnection() throws SQLException {
                transactions.incrementAndGet();
                Connection connection = connections.getConnection();
                try (var statement = connection.createStatement()) {
                    boolean unused = statement.execute(setUp);
                }
                return connection;
            }
        };
        SqlRunner sql = new SqlRunner(Dialect.SQLITE, counted, queue, counted, System::currentTimeMillis);
        writes = new SqliteGroupWrites(sql, new SingleStatementWrites(sql));
    }

    private static <A> PendingWrite<A> taken(Write<A> write) {
        PendingWrite<A> shared = new PendingWrite<>(write, Thread.currentThread());
        assertThat(shared.take()).isTrue();
        return shared;
    }

    private static PendingWrite<ClaimAnswer> claim(ClaimRequest request) {
        return taken(new Write.Claim(request));
    }

    private static PendingWrite<Completed> completion(Lease lease, Payload result) {
        return taken(new Write.Completion(lease, RecordState.IN_PROGRESS, RecordState.COMPLETED, result, null, null));
    }

    private void together(PendingWrite<?>... shared) throws SQLException {
        writes.together(List.of(shared));
    }

    private static Lease lease(ClaimRequest request) {
        return new Lease(request.id(), request.token(), 1);
    }

    @Test
    void allKindsShareOneCommitAndEachGetsItsOwnAnswer() throws SQLException {
        ClaimRequest first = TestRequests.hold(TestRequests.freshId());
        ClaimRequest second = TestRequests.hold(TestRequests.freshId());
        together(claim(first), claim(second));
        ClaimRequest third = TestRequests.hold(TestRequests.freshId());
        Lease lost = new Lease(first.id(), TestRequests.token(), 1);
        transactions.set(0);
        PendingWrite<ClaimAnswer> fresh = claim(third);
        PendingWrite<ClaimAnswer> known = claim(TestRequests.hold(second.id()));
        PendingWrite<Completed> completed = completion(lease(first), TestRequests.result("paid"));
        var beat = taken(new Write.Heartbeat(List.of(lost, lease(second)), Map.of(), Duration.ofMinutes(5)));
        together(fresh, known, completed, beat);
        assertThat(transactions).hasValue(1);
        assertThat(fresh.result()).isNotNull().extracting(ClaimAnswer::record).isNull();
        assertThat(known.result()).as("somebody has it: ask again").isNull();
        assertThat(completed.result())
                .isNotNull()
                .extracting(Completed::version)
                .isEqualTo(2L);
        assertThat(beat.result()).containsExactly(Write.FoundLease.renewed(lease(second)));
        assertThat(backend.rows("SELECT status FROM tg_idempotency ORDER BY rowid"))
                .containsExactly("COMPLETED", "IN_PROGRESS", "IN_PROGRESS");
    }

    @Test
    void thePlaceInTheQueueIsKeptOverCommitsAndReleasedWhenIdle() throws SQLException {
        long start = System.nanoTime();
        do {
            together(claim(TestRequests.hold(TestRequests.freshId())));
            assertThat(queue.depth.get()).isBetween(0, 1);
        } while (queue.depth.get() == 1);
        assertThat(System.nanoTime() - start).as("how long it was kept").isGreaterThan(10_000_000);
        int before = queue.entered;
        together(claim(TestRequests.hold(TestRequests.freshId())));
        assertThat(queue.entered - before)
                .as("its own, and the transaction's in it")
                .isEqualTo(2);
        writes.pause();
        writes.pause();
        assertThat(queue.depth).hasValue(0);
    }

    @Test
    void aBadRowFailsAloneAndTheOthersShareTheirCommit() throws SQLException {
        backend.run("CREATE UNIQUE INDEX bad ON tg_idempotency (idempotency_key) WHERE idempotency_key = 'bad'");
        PendingWrite<ClaimAnswer> before = claim(TestRequests.hold(TestRequests.freshId()));
        PendingWrite<ClaimAnswer> first = claim(TestRequests.hold(RecordId.of("one", "charge", "bad")));
        PendingWrite<ClaimAnswer> bad = claim(TestRequests.hold(RecordId.of("two", "charge", "bad")));
        PendingWrite<ClaimAnswer> after = claim(TestRequests.hold(TestRequests.freshId()));
        transactions.set(0);
        together(before, first, bad, after);
        assertThat(transactions).hasValue(1);
        assertThat(Arrays.asList(before.result(), first.result(), after.result()))
                .doesNotContainNull();
        assertThatThrownBy(bad::result)
                .isInstanceOf(StatementFailed.class)
                .hasRootCauseInstanceOf(SQLiteException.class)
                .satisfies(
                        e -> assertThat(SqlErrorKind.of(RetryLoop.sqlCause(e))).isEqualTo(SqlErrorKind.REFUSED));
        assertThat(backend.one("SELECT count(*) FROM tg_idempotency")).isEqualTo("3");
    }

    @Test
    @Rule(3)
    void anErrorThatEndsTheTransactionAnswersNoCallerAndWritesNothing() {
        backend.run("CREATE TRIGGER rude BEFORE INSERT ON tg_idempotency WHEN NEW.idempotency_key = 'bad'"
                + " BEGIN SELECT RAISE(ROLLBACK, 'all of it'); END");
        PendingWrite<ClaimAnswer> before = claim(TestRequests.hold(TestRequests.freshId()));
        PendingWrite<ClaimAnswer> bad = claim(TestRequests.hold(RecordId.of("one", "charge", "bad")));
        PendingWrite<ClaimAnswer> after = claim(TestRequests.hold(TestRequests.freshId()));
        assertThatThrownBy(() -> together(before, bad, after)).isInstanceOf(StatementFailed.class);
        assertThat(List.of(before, bad, after)).noneMatch(PendingWrite::isDone);
        assertThat(backend.one("SELECT count(*) FROM tg_idempotency")).isEqualTo("0");
    }

    @Test
    @Rule(3)
    void aFullDiskAnswersNoCallerAndWritesNothingHalf() throws SQLException {
        ClaimRequest request = TestRequests.hold(TestRequests.freshId());
        together(claim(request));
        setUp = "PRAGMA max_page_count = 1";
        PendingWrite<ClaimAnswer> small = claim(TestRequests.hold(TestRequests.freshId()));
        PendingWrite<Completed> large = completion(lease(request), Payload.of("bytes", new byte[500_000]));
        assertThatThrownBy(() -> together(small, large))
                .isInstanceOf(StatementFailed.class)
                .hasRootCauseMessage(
                        "[SQLITE_FULL] Insertion failed because database is full (database or disk is full)");
        assertThat(List.of(small, large)).noneMatch(PendingWrite::isDone);
        assertThat(backend.rows("SELECT status FROM tg_idempotency")).containsExactly("IN_PROGRESS");
        setUp = "PRAGMA max_page_count = 1000000";
        together(small, large);
        assertThat(large.result()).isNotNull();
        assertThat(backend.one("SELECT count(*) FROM tg_idempotency")).isEqualTo("2");
    }

    @Test
    void whileAnotherProcessLocksTheFileEachWriteIsRetriedAlone() throws SQLException {
        List<PendingWrite<ClaimAnswer>> claims = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            claims.add(claim(TestRequests.hold(TestRequests.freshId())));
        }
        try (Connection blocker = backend.dataSource().getConnection();
                var statement = blocker.createStatement()) {
            int unused = statement.executeUpdate("BEGIN IMMEDIATE");
            writes.together(List.copyOf(claims));
            int unused2 = statement.executeUpdate("ROLLBACK");
        }
        for (PendingWrite<ClaimAnswer> claim : claims) {
            assertThat(claim.isReturned()).isFalse();
            assertThatThrownBy(claim::result)
                    .isInstanceOf(StatementFailed.class)
                    .satisfies(e -> assertThat(((SQLiteException) RetryLoop.sqlCause(e)).getResultCode())
                            .isEqualTo(SQLiteErrorCode.SQLITE_BUSY));
        }
        assertThat(backend.one("SELECT count(*) FROM tg_idempotency")).isEqualTo("0");
    }
}
