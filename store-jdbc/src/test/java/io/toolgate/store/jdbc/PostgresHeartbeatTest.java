package io.toolgate.store.jdbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.zaxxer.hikari.HikariDataSource;
import io.toolgate.Fingerprint;
import io.toolgate.IdempotencyKey;
import io.toolgate.Outcome;
import io.toolgate.PaidAction;
import io.toolgate.ResultCodec;
import io.toolgate.ToolGate;
import io.toolgate.store.Lease;
import io.toolgate.store.RecordId;
import io.toolgate.store.StoreException;
import io.toolgate.store.contract.Rule;
import io.toolgate.store.jdbc.TestPostgres.TestDatabase;
import java.lang.reflect.Method;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import javax.sql.DataSource;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Heartbeats depend neither on the load of the application nor on locks of other records. */
class PostgresHeartbeatTest {
    private static final Duration LONG = Duration.ofMinutes(5);

    private final TestDatabase database = TestPostgres.migrated();
    private final HikariDataSource pool = new HikariDataSource();
    private final List<Connection> held = new ArrayList<>();

    PostgresHeartbeatTest() {
        pool.setDataSource(database.dataSource());
        pool.setMaximumPoolSize(3);
        pool.setMinimumIdle(0);
        pool.setConnectionTimeout(30_000);
    }

    @AfterEach
    void drop() throws Exception {
        for (Connection connection : held) {
            connection.close();
        }
        pool.close();
        database.abandon();
    }

    private void holdAll(DataSource source, int size) throws Exception {
        for (int i = 0; i < size; i++) {
            held.add(source.getConnection());
        }
    }

    private String leaseUntil(RecordId id) {
        return database.one("SELECT lease_until FROM tg_idempotency WHERE record_id = '" + id.toUuid() + "'");
    }

    @Test
    @Rule(8)
    void aBusyApplicationPoolEndsNoLease() throws Exception {
        PaidAction<String, String> action = PaidAction.<String, String>named("charge")
                .run((input, attempt) -> {
                    holdAll(pool, 2);
                    RecordId id = RecordId.of(attempt.tenant(), attempt.action(), attempt.key());
                    String renewed = leaseUntil(id);
                    for (int renewals = 0; renewals < 4; renewals++) {
                        renewed = awaitOther(renewed, id);
                    }
                    assertThat(attempt.isOwner()).isTrue();
                    for (Connection connection : held) {
                        connection.close();
                    }
                    return "paid";
                })
                .codec(ResultCodec.text())
                .fingerprint(Fingerprint.none())
                .lease(Duration.ofSeconds(1))
                .retention(Duration.ofDays(1))
                .build();
        try (JdbcIdempotencyStore store = JdbcIdempotencyStore.builder(pool).open();
                ToolGate gate = ToolGate.on(store).build()) {
            assertThat(gate.execute(action, IdempotencyKey.of("order-1"), "input"))
                    .isEqualTo(new Outcome.Completed<>("paid", Outcome.Origin.EXECUTED));
        }
    }

    private String awaitOther(String before, RecordId id) {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
        String now;
        while ((now = leaseUntil(id)).equals(before)) {
            assertThat(System.nanoTime()).as("the lease was not renewed").isLessThan(deadline);
        }
        return now;
    }

    @Test
    @Rule(8)
    void theConnectionIsTakenAtOpeningAndReturnedAtClose() throws Exception {
        JdbcIdempotencyStore store = JdbcIdempotencyStore.builder(pool).open();
        assertThat(pool.getHikariPoolMXBean().getActiveConnections()).isEqualTo(1);
        Lease lease = TestRequests.acquired(store, TestRequests.hold(TestRequests.freshId()));
        holdAll(pool, 2);
        assertThat(store.heartbeat(List.of(lease), LONG)).containsExactly(lease);
        store.close();
        assertThat(pool.getHikariPoolMXBean().getActiveConnections()).isEqualTo(2);
    }

    @Test
    void aPoolOfOneConnectionIsRefusedAndGetsItBack() throws Exception {
        pool.setMaximumPoolSize(1);
        JdbcIdempotencyStore.Builder builder =
                JdbcIdempotencyStore.builder(pool).statementTimeout(Duration.ofMillis(100));
        assertThatThrownBy(builder::open)
                .isInstanceOf(StoreException.Misconfigured.class)
                .hasMessageContaining("at least two connections");
        holdAll(pool, 1);
    }

    @Test
    @Rule(8)
    void aBrokenConnectionIsReplacedAlsoWhereAFailoverLeftItOnAStandby() throws Exception {
        List<Connection> handedOut = new CopyOnWriteArrayList<>();
        AtomicBoolean refused = new AtomicBoolean();
        InterceptedDataSource recording = new InterceptedDataSource() {
            @Override
            Object call(Object inner, Method method, Object[] arguments) throws Throwable {
                if (inner instanceof DataSource && refused.getAndSet(false)) {
                    throw new SQLException("connection refused", "08001");
                }
                Object answer = invoke(inner, method, arguments);
                if (answer instanceof Connection connection && inner instanceof DataSource) {
                    handedOut.add(connection);
                }
                return answer;
            }
        };
        try (JdbcIdempotencyStore store = JdbcIdempotencyStore.builder(recording.wrap(database.dataSource()))
                .open()) {
            Lease lease = TestRequests.acquired(store, TestRequests.hold(TestRequests.freshId()));
            Connection first = theOpenOne(handedOut);
            TestSql.run(first, "SET SESSION CHARACTERISTICS AS TRANSACTION READ ONLY");
            assertThat(store.heartbeat(List.of(lease), LONG)).containsExactly(lease);
            Connection second = theOpenOne(handedOut);
            assertThat(second).isNotSameAs(first);
            database.run("SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity WHERE pid <> pg_backend_pid()"
                    + " AND datname = current_database()");
            refused.set(true);
            assertThat(store.heartbeat(List.of(lease), LONG)).containsExactly(lease);
            assertThat(theOpenOne(handedOut)).isNotSameAs(second);
        }
    }

    /** The one connection that the store keeps; all others it closed. */
    private static Connection theOpenOne(List<Connection> handedOut) throws Exception {
        List<Connection> open = new ArrayList<>();
        for (Connection connection : handedOut) {
            if (!connection.isClosed()) {
                open.add(connection);
            }
        }
        assertThat(open).hasSize(1);
        return open.get(0);
    }

    @Test
    @Rule(8)
    void aBusyPoolOfTheStoresOwnDelaysNoHeartbeat() throws Exception {
        List<DataSource> pools = new ArrayList<>();
        try (JdbcIdempotencyStore store = JdbcIdempotencyStore.builder(database.url())
                .poolSize(2)
                .wrapper(source -> {
                    pools.add(source);
                    return source;
                })
                .open()) {
            Lease lease = TestRequests.acquired(store, TestRequests.hold(TestRequests.freshId()));
            holdAll(pools.get(0), 2);
            assertThat(store.heartbeat(List.of(lease), LONG)).containsExactly(lease);
            for (Connection connection : held) {
                connection.close();
            }
        }
    }

    @Test
    @Rule(12)
    void anExhaustedPoolOfTheApplicationHoldsAClaimForTheBudgetAndOneWaitForAConnection() throws Exception {
        pool.setConnectionTimeout(600);
        try (JdbcIdempotencyStore store = JdbcIdempotencyStore.builder(pool)
                .statementTimeout(Duration.ofMillis(100))
                .open()) {
            holdAll(pool, 2);
            long start = System.nanoTime();
            assertThatThrownBy(() -> store.claim(TestRequests.hold(TestRequests.freshId())))
                    .isInstanceOf(StoreException.Unavailable.class)
                    .hasMessageContaining("It did not take effect");
            assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofMillis(1_500));
        }
    }

    @Test
    @Rule(8)
    void aLockedRecordCostsItsOwnLeaseOnly() throws Exception {
        for (boolean shared : List.of(false, true)) {
            JdbcIdempotencyStore.Builder builder = JdbcIdempotencyStore.builder(database.url());
            try (JdbcIdempotencyStore store = (shared ? builder.everythingShared() : builder).open();
                    Connection locking = database.dataSource().getConnection()) {
                List<Lease> leases = new ArrayList<>();
                for (int i = 0; i < 3; i++) {
                    leases.add(TestRequests.acquired(store, TestRequests.hold(TestRequests.freshId())));
                }
                locking.setAutoCommit(false);
                TestSql.run(
                        locking,
                        "SELECT 1 FROM tg_idempotency WHERE record_id = '"
                                + leases.get(1).id().toUuid() + "' FOR UPDATE");
                CompletableFuture<Set<Lease>> beat = CompletableFuture.supplyAsync(() -> store.heartbeat(leases, LONG));
                assertThat(beat.get(2, TimeUnit.SECONDS))
                        .as("less than a statement may last, so no lock was waited for")
                        .containsExactlyInAnyOrder(leases.get(0), leases.get(2));
                locking.rollback();
                assertThat(store.heartbeat(leases, LONG)).containsExactlyInAnyOrderElementsOf(leases);
            }
        }
    }

    @Test
    @Rule(8)
    void aLockOfMillisecondsIsWaitedOut() throws Exception {
        try (Connection locking = database.dataSource().getConnection()) {
            AtomicInteger tries = new AtomicInteger();
            InterceptedDataSource unlocking = new InterceptedDataSource() {
                @Override
                Object call(Object inner, Method method, Object[] arguments) throws Throwable {
                    Object answer = invoke(inner, method, arguments);
                    if (method.getName().equals("executeQuery")
                            && inner.toString().contains("SKIP LOCKED")) {
                        tries.incrementAndGet();
                        locking.rollback();
                    }
                    return answer;
                }
            };
            try (JdbcIdempotencyStore store = JdbcIdempotencyStore.builder(unlocking.wrap(database.dataSource()))
                    .open()) {
                Lease lease = TestRequests.acquired(store, TestRequests.hold(TestRequests.freshId()));
                locking.setAutoCommit(false);
                TestSql.run(locking, "SELECT 1 FROM tg_idempotency FOR UPDATE");
                assertThat(store.heartbeat(List.of(lease), LONG)).containsExactly(lease);
                assertThat(tries).hasValue(2);
            }
        }
    }
}
