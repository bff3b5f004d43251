package io.toolgate.store.jdbc.internal.wakeup;

import static org.assertj.core.api.Assertions.assertThat;

import io.toolgate.Failure;
import io.toolgate.store.Lease;
import io.toolgate.store.RecordId;
import io.toolgate.store.TransitionOutcome.Applied;
import io.toolgate.store.contract.Rule;
import io.toolgate.store.jdbc.JdbcIdempotencyStore;
import io.toolgate.store.jdbc.TestRequests;
import io.toolgate.store.jdbc.internal.sql.SqlFiles;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.sqlite.SQLiteConnection;
import org.sqlite.SQLiteDataSource;

/** Two stores on one file, which are to one another what two processes are. */
@Timeout(60)
class SqliteWakeupsTest {
    private static final String VERSIONS =
            SqlFiles.load("wakeups/sqlite_versions.sql").replace(":ids", "?");

    @TempDir
    Path directory;

    private String url;
    private JdbcIdempotencyStore owner;
    private JdbcIdempotencyStore waiter;

    @BeforeEach
    void open() {
        url = "jdbc:sqlite:" + directory.resolve("store.db");
        owner = JdbcIdempotencyStore.open(url);
        waiter = JdbcIdempotencyStore.open(url);
    }

    @AfterEach
    void close() {
        owner.close();
        waiter.close();
    }

    private static Lease claimed(JdbcIdempotencyStore store) {
        return TestRequests.acquired(store, TestRequests.hold(TestRequests.freshId()));
    }

    private static void complete(JdbcIdempotencyStore store, Lease lease) {
        assertThat(store.complete(lease, TestRequests.result("paid"))).isInstanceOf(Applied.class);
    }

    @Test
    @Rule(8)
    void anAnnouncedWaiterIsNotifiedOfItsRecordAndOfNoOther() throws Exception {
        try (Subscriber subscriber = new Subscriber(waiter)) {
            Lease completed = claimed(owner);
            Lease released = claimed(owner);
            Lease unrelated = claimed(owner);
            subscriber.announce(completed.id(), released.id());
            assertThat(List.of(subscriber.next(), subscriber.next()))
                    .as("to look, since they may have ended just before")
                    .containsExactlyInAnyOrder(completed.id(), released.id());
            assertThat(owner.heartbeat(List.of(completed, released, unrelated), Duration.ofMinutes(1)))
                    .hasSize(3);
            complete(owner, unrelated);
            assertThat(owner.checkpoint(completed, "sent", TestRequests.result("1")))
                    .isInstanceOf(Applied.class);
            assertThat(subscriber.next()).isEqualTo(completed.id());
            assertThat(owner.fail(released, Failure.notExecuted("refused", ""))).isInstanceOf(Applied.class);
            assertThat(subscriber.next()).isEqualTo(released.id());
            complete(owner, completed);
            assertThat(subscriber.next()).isEqualTo(completed.id());
            assertThat(subscriber.hasHints()).isFalse();
        }
    }

    @Test
    @Rule(8)
    void aRunThatEndedBeforeTheAnnouncementIsFoundByThePollThatFollows() throws Exception {
        try (Subscriber subscriber = new Subscriber(waiter)) {
            Lease lease = claimed(owner);
            complete(owner, lease);
            subscriber.announce(lease.id());
            assertThat(subscriber.next()).isEqualTo(lease.id());
        }
    }

    @Test
    @Rule(8)
    void anAnnouncedRecordIsNotifiedOfWhenItIsCreated() throws Exception {
        try (Subscriber subscriber = new Subscriber(waiter)) {
            RecordId id = TestRequests.freshId();
            subscriber.announce(id);
            assertThat(subscriber.next()).isEqualTo(id);
            var unused = TestRequests.acquired(owner, TestRequests.hold(id));
            assertThat(subscriber.next()).isEqualTo(id);
        }
    }

    private static List<String> threads() {
        return Thread.getAllStackTraces().keySet().stream()
                .map(Thread::getName)
                .filter("toolgate-changes"::equals)
                .toList();
    }

    @Test
    void theFileIsPolledOnlyWhileThereAreWaitersAndNotAfterClose() throws Exception {
        Lease lease = claimed(owner);
        try (Subscriber subscriber = new Subscriber(waiter)) {
            assertThat(threads()).isEmpty();
            subscriber.announce(lease.id());
            assertThat(subscriber.next()).isEqualTo(lease.id());
            assertThat(threads()).hasSize(1);
        }
        waiter.close();
        assertThat(threads()).isEmpty();
        complete(owner, lease);
    }

    @Test
    void thePollingThreadEndsWhenIdleAndStartsAgain() throws Exception {
        AtomicLong nanos = new AtomicLong();
        Counted source = new Counted();
        source.setUrl(url);
        BlockingQueue<RecordId> told = new LinkedBlockingQueue<>();
        RecordId id = TestRequests.freshId();
        try (SqliteWakeups wakeups = new SqliteWakeups(
                source, told::add, nanos::get, Duration.ofMillis(1).toNanos())) {
            for (int i = 0; i < 3; i++) {
                wakeups.announce(List.of(id));
                assertThat(told.poll(20, TimeUnit.SECONDS)).isEqualTo(id);
                assertThat(threads()).hasSize(1);
                // Nobody commits, and nobody announces: the time that passes must do.
                nanos.addAndGet(Duration.ofSeconds(10).toNanos());
                Awaitility.await()
                        .atMost(Subscriber.PATIENCE)
                        .until(() -> threads().isEmpty());
                assertThat(source.opened.take().isClosed()).isTrue();
            }
        }
    }

    /** Remembers the connections that it handed out, so that a test can break them. */
    private static final class Counted extends SQLiteDataSource {
        private final BlockingQueue<SQLiteConnection> opened = new LinkedBlockingQueue<>();

        @Override
        public Connection getConnection() throws SQLException {
            return getConnection(null, null);
        }

        @Override
        public SQLiteConnection getConnection(String user, String password) throws SQLException {
            SQLiteConnection connection = super.getConnection(user, password);
            opened.add(connection);
            return connection;
        }
    }

    @Test
    @Rule(8)
    void aBrokenConnectionIsReplacedAndMakesAllWaitersPoll() throws Exception {
        Counted source = new Counted();
        source.setUrl(url);
        BlockingQueue<RecordId> told = new LinkedBlockingQueue<>();
        Lease lease = claimed(owner);
        SqliteWakeups wakeups = new SqliteWakeups(source, told::add);
        try {
            wakeups.begin();
            wakeups.moved(lease.id(), false);
            assertThat(source.opened).as("nobody waits").isEmpty();
            wakeups.announce(List.of(lease.id()));
            assertThat(told.poll(20, TimeUnit.SECONDS)).isEqualTo(lease.id());
            source.opened.take().close();
            assertThat(told.poll(20, TimeUnit.SECONDS)).isEqualTo(lease.id());
            complete(owner, lease);
            assertThat(told.poll(20, TimeUnit.SECONDS)).isEqualTo(lease.id());
        } finally {
            wakeups.close();
        }
        assertThat(source.opened.take().isClosed()).isTrue();
        wakeups.announce(List.of(lease.id()));
        assertThat(source.opened).as("after the end").isEmpty();
    }

    @Test
    @Rule(8)
    void aRecordAnnouncedDuringTheReadOfItsEndIsPolledOnceMore() throws Exception {
        Lease lease = claimed(owner);
        complete(owner, lease);
        BlockingQueue<RecordId> told = new LinkedBlockingQueue<>();
        Hooked source = new Hooked();
        source.setUrl(url);
        try (SqliteWakeups wakeups = new SqliteWakeups(source, told::add)) {
            source.duringTheFirstLook = () -> wakeups.announce(List.of(lease.id()));
            wakeups.announce(List.of(lease.id()));
            assertThat(told.poll(20, TimeUnit.SECONDS)).as("the first").isEqualTo(lease.id());
            assertThat(told.poll(20, TimeUnit.SECONDS)).as("the second").isEqualTo(lease.id());
        }
    }

    /** Does something once, when the records have been queried and not been read. */
    private static final class Hooked extends SQLiteDataSource {
        private volatile Runnable duringTheFirstLook = () -> {};

        @Override
        public Connection getConnection() throws SQLException {
            return hooked(Connection.class, super.getConnection());
        }

        private <T> T hooked(Class<T> type, T inner) {
            return type.cast(java.lang.reflect.Proxy.newProxyInstance(
                    type.getClassLoader(), new Class<?>[] {type}, (self, method, arguments) -> {
                        Object answer = method.invoke(inner, arguments);
                        if (method.getName().equals("prepareStatement") && arguments[0].equals(VERSIONS)) {
                            return hooked(PreparedStatement.class, (PreparedStatement) answer);
                        }
                        if (method.getName().equals("executeQuery")) {
                            Runnable hook = duringTheFirstLook;
                            duringTheFirstLook = () -> {};
                            hook.run();
                        }
                        return answer;
                    }));
        }
    }
}
