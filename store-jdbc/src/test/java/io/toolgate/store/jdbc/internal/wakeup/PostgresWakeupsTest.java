package io.toolgate.store.jdbc.internal.wakeup;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.toolgate.Failure;
import io.toolgate.IdempotencyKey;
import io.toolgate.Outcome;
import io.toolgate.PaidAction;
import io.toolgate.ResultCodec;
import io.toolgate.ToolGate;
import io.toolgate.store.Lease;
import io.toolgate.store.Payload;
import io.toolgate.store.RecordId;
import io.toolgate.store.StoreException;
import io.toolgate.store.TransitionOutcome.Applied;
import io.toolgate.store.contract.Rule;
import io.toolgate.store.jdbc.JdbcIdempotencyStore;
import io.toolgate.store.jdbc.TestBuilders;
import io.toolgate.store.jdbc.TestPostgres;
import io.toolgate.store.jdbc.TestPostgres.TestDatabase;
import io.toolgate.store.jdbc.TestRequests;
import io.toolgate.store.jdbc.internal.sql.SqlFiles;
import io.toolgate.store.jdbc.internal.wakeup.PostgresWakeups.Notification;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import javax.sql.DataSource;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.postgresql.PGConnection;
import org.postgresql.PGNotification;
import org.postgresql.ds.PGSimpleDataSource;

/** Two stores on one database, which are to one another what two processes are. */
@Timeout(60)
class PostgresWakeupsTest {
    private static final String LISTENING = "query LIKE 'LISTEN \"toolgate_%' AND datname = current_database()";

    private static final Payload PAID = Payload.of(ResultCodec.text().id(), "paid".getBytes(StandardCharsets.UTF_8));

    private final TestDatabase database = TestPostgres.shared();
    private final List<AutoCloseable> opened = new ArrayList<>();
    private JdbcIdempotencyStore owner;
    private JdbcIdempotencyStore waiter;

    @BeforeEach
    void open() {
        TestPostgres.clear(database);
        owner = open(JdbcIdempotencyStore.builder(database.url()).poolSize(2));
        waiter = open(JdbcIdempotencyStore.builder(database.url()).poolSize(2));
    }

    @AfterEach
    void close() throws Exception {
        for (AutoCloseable each : opened) {
            each.close();
        }
    }

    private JdbcIdempotencyStore open(JdbcIdempotencyStore.Builder builder) {
        JdbcIdempotencyStore store = builder.open();
        opened.add(store);
        return store;
    }

    private Subscriber subscriber(JdbcIdempotencyStore store) {
        Subscriber subscriber = new Subscriber(store);
        opened.add(0, subscriber);
        return subscriber;
    }

    /** Hears everything that is sent on the channel of this database's store. */
    private final class Eavesdropper implements AutoCloseable {
        private final Connection connection;
        private final String channel;

        Eavesdropper() throws SQLException {
            connection = database.dataSource().getConnection();
            opened.add(0, this);
            try (Statement statement = connection.createStatement();
                    var row = statement.executeQuery(SqlFiles.load("wakeups/postgresql_channel.sql"))) {
                row.next();
                channel = row.getString(1);
            }
            try (Statement statement = connection.createStatement()) {
                boolean unused = statement.execute("LISTEN \"" + channel + '"');
            }
        }

        /** What was sent before this was called. */
        List<NotifyPayload> all() throws SQLException {
            database.run("NOTIFY \"" + channel + "\", 'end'");
            List<NotifyPayload> all = new ArrayList<>();
            while (true) {
                for (PGNotification each : connection.unwrap(PGConnection.class).getNotifications(20_000)) {
                    if (each.getParameter().equals("end")) {
                        return all;
                    }
                    all.add(NotifyPayload.read(each.getParameter()).orElseThrow());
                }
            }
        }

        @Override
        public void close() throws SQLException {
            connection.close();
        }
    }

    private static Lease claimed(JdbcIdempotencyStore store) {
        return TestRequests.acquired(store, TestRequests.hold(TestRequests.freshId()));
    }

    private static void complete(JdbcIdempotencyStore store, Lease lease) {
        assertThat(store.complete(lease, PAID)).isInstanceOf(Applied.class);
    }

    @Test
    @Rule(8)
    void anAnnouncedWaiterIsNotifiedByAnotherStoreWithoutAPoll() throws Exception {
        Subscriber subscriber = subscriber(waiter);
        Lease completed = claimed(owner);
        Lease released = claimed(owner);
        subscriber.announceTo(owner, completed);
        subscriber.announceTo(owner, released);
        complete(owner, completed);
        assertThat(subscriber.next()).isEqualTo(completed.id());
        assertThat(owner.fail(released, Failure.notExecuted("refused", ""))).isInstanceOf(Applied.class);
        assertThat(subscriber.next()).isEqualTo(released.id());
    }

    @Test
    @Rule(8)
    void aRunThatEndedBeforeItsOwnerSawTheAnnouncementIsFoundByThePollThatFollows() throws Exception {
        Subscriber subscriber = subscriber(waiter);
        Lease lease = claimed(owner);
        complete(owner, lease);
        subscriber.announce(lease.id());
        assertThat(subscriber.next()).isEqualTo(lease.id());
    }

    @Test
    void withoutWaitersNothingIsSent() throws Exception {
        Subscriber subscriber = subscriber(waiter);
        Lease waitedFor = claimed(owner);
        subscriber.announceTo(owner, waitedFor);
        try (Eavesdropper eavesdropper = new Eavesdropper()) {
            for (int i = 0; i < 20; i++) {
                complete(owner, claimed(owner));
            }
            assertThat(eavesdropper.all())
                    .as("of records that nobody waits for")
                    .isEmpty();
            complete(owner, waitedFor);
            assertThat(subscriber.next()).isEqualTo(waitedFor.id());
            assertThat(eavesdropper.all())
                    .as("of the one that somebody waits for, the hash and nothing else")
                    .singleElement()
                    .satisfies(notice -> {
                        assertThat(notice.kind()).isEqualTo(NotifyPayload.Kind.MOVED);
                        assertThat(notice.ids()).containsExactly(waitedFor.id().toUuid());
                    });
        }
    }

    @Test
    @Rule(8)
    void aThousandIdsAnnouncedTogetherAreAllNotified() throws Exception {
        Subscriber subscriber = subscriber(waiter);
        Set<RecordId> ids = Stream.generate(TestRequests::freshId).limit(1000).collect(Collectors.toSet());
        subscriber.announce(ids.toArray(RecordId[]::new));
        // Race: the listener starts meanwhile. It gives hints for the ids that it finds, and again when their
        // announcement has taken effect.
        Set<RecordId> told = new HashSet<>();
        Awaitility.await().atMost(Subscriber.PATIENCE).pollDelay(Duration.ZERO).untilAsserted(() -> {
            while (subscriber.hasHints()) {
                told.add(subscriber.next());
            }
            assertThat(told).containsExactlyInAnyOrderElementsOf(ids);
        });
    }

    @Test
    @Rule(8)
    void aListenerThatLostItsConnectionListensAgainAndMakesAllWaitersPoll() throws Exception {
        Subscriber subscriber = subscriber(waiter);
        Lease lease = claimed(owner);
        subscriber.announceTo(owner, lease);
        database.run("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE " + LISTENING);
        assertThat(subscriber.next())
                .as("to look, since it may have missed something")
                .isEqualTo(lease.id());
        subscriber.settle();
        subscriber.announceTo(owner, lease);
        complete(owner, lease);
        assertThat(subscriber.next()).isEqualTo(lease.id());
    }

    @Test
    @Rule(8)
    void aCompletionWithoutANotificationIsFoundByPolling() throws Exception {
        JdbcIdempotencyStore deaf =
                open(JdbcIdempotencyStore.builder(database.url()).pushWakeUps(false));
        try (ToolGate gate = ToolGate.on(deaf)
                .waitForInProgress(Subscriber.PATIENCE)
                .drainTimeout(Duration.ZERO)
                .build()) {
            Lease lease = claimed(owner);
            CompletableFuture<Outcome<String>> waiting = waiting(gate, lease.id());
            complete(owner, lease);
            assertThat(waiting.get(20, TimeUnit.SECONDS).valueOrThrow()).isEqualTo("paid");
        }
    }

    @Test
    @Rule(2)
    void runsThatEndWhileTheirDuplicatesAnnounceThemselvesAreAllSeen() throws Exception {
        try (ToolGate gate = ToolGate.on(waiter)
                .waitForInProgress(Subscriber.PATIENCE)
                .drainTimeout(Duration.ZERO)
                .build()) {
            List<CompletableFuture<Outcome<String>>> all = new ArrayList<>();
            for (int i = 0; i < 100; i++) {
                Lease lease = claimed(owner);
                all.add(waiting(gate, lease.id()));
                complete(owner, lease);
            }
            for (CompletableFuture<Outcome<String>> each : all) {
                assertThat(each.get(20, TimeUnit.SECONDS).valueOrThrow()).isEqualTo("paid");
            }
        }
    }

    private static CompletableFuture<Outcome<String>> waiting(ToolGate gate, RecordId id) {
        PaidAction<String, String> action = PaidAction.<String, String>named(id.action())
                .run((input, attempt) -> {
                    throw new AssertionError("run a second time");
                })
                .codec(ResultCodec.text())
                .fingerprint(input -> input.getBytes(StandardCharsets.UTF_8))
                .build();
        return gate.executeAsync(action, IdempotencyKey.of(id.tenant(), id.key()), "input");
    }

    @Test
    void aStoreThatOnlyReadsDoesNotListenAndCloseLeavesNothing() throws Exception {
        JdbcIdempotencyStore reading = open(JdbcIdempotencyStore.builder(database.url()));
        assertThat(reading.peek(TestRequests.freshId())).isEmpty();
        assertThat(database.count("SELECT count(*) FROM pg_stat_activity WHERE " + LISTENING))
                .isZero();
        Subscriber subscriber = subscriber(waiter);
        Lease lease = claimed(owner);
        subscriber.announceTo(owner, lease);
        complete(owner, lease);
        assertThat(subscriber.next()).isEqualTo(lease.id());
        assertThat(database.count("SELECT count(*) FROM pg_stat_activity WHERE " + LISTENING))
                .isEqualTo(2);
        close();
        assertThat(threads()).isEmpty();
        // The server takes a moment to notice.
        Awaitility.await()
                .atMost(Subscriber.PATIENCE)
                .until(() -> database.count("SELECT count(*) FROM pg_stat_activity WHERE application_name = 'toolgate'"
                                + " AND datname = current_database()")
                        == 0);
    }

    private static List<String> threads() {
        return Thread.getAllStackTraces().keySet().stream()
                .map(Thread::getName)
                .filter(name -> name.equals("toolgate-listener") || name.equals("toolgate-notifier"))
                .toList();
    }

    /** Hands out connections to the test's database until it is told to refuse. */
    private static class Fallible extends PGSimpleDataSource {
        private static final long serialVersionUID = 1L;
        private final AtomicInteger refused = new AtomicInteger();
        private volatile boolean refusing;

        @Override
        public Connection getConnection() throws SQLException {
            if (refusing) {
                refused.incrementAndGet();
                throw new SQLException("too many connections for this role, on purpose", "53300");
            }
            return super.getConnection();
        }
    }

    @Test
    void aStoreThatCannotListenWorksAndListensWhenItCan() throws Exception {
        Fallible ears = new Fallible();
        ears.setUrl(database.url());
        JdbcIdempotencyStore onDataSource =
                open(JdbcIdempotencyStore.builder(database.dataSource()).listener(ears));
        ears.refusing = true;
        Subscriber subscriber = subscriber(onDataSource);
        Lease lease = claimed(owner);
        subscriber.announce(lease.id());
        complete(onDataSource, claimed(onDataSource));
        Awaitility.await().atMost(Subscriber.PATIENCE).until(() -> ears.refused.get() >= 2);
        subscriber.settle();
        ears.refusing = false;
        assertThat(subscriber.next()).as("as soon as it hears").isEqualTo(lease.id());
        subscriber.announceTo(owner, lease);
        complete(owner, lease);
        assertThat(subscriber.next()).isEqualTo(lease.id());
    }

    @Test
    void aConnectionThatOpensAfterTheListenerWasClosedIsClosedToo() throws Exception {
        CountDownLatch asked = new CountDownLatch(1);
        CountDownLatch closed = new CountDownLatch(1);
        BlockingQueue<Connection> late = new LinkedBlockingQueue<>();
        DataSource slow = new Fallible() {
            @Override
            public Connection getConnection() throws SQLException {
                asked.countDown();
                try {
                    assertThat(closed.await(20, TimeUnit.SECONDS)).isTrue();
                } catch (InterruptedException e) {
                    throw new SQLException(e);
                }
                Connection connection = database.dataSource().getConnection();
                late.add(connection);
                return connection;
            }
        };
        PostgresListener listener = new PostgresListener(slow, new PostgresListener.Receiver() {
            @Override
            public void listening(String channel) {
                throw new AssertionError("it is closed");
            }

            @Override
            public void received(String text) {}
        });
        listener.start();
        assertThat(asked.await(20, TimeUnit.SECONDS)).isTrue();
        listener.close();
        closed.countDown();
        Connection connection = late.poll(20, TimeUnit.SECONDS);
        Awaitility.await().atMost(Subscriber.PATIENCE).until(connection::isClosed);
    }

    @Test
    @Rule(8)
    void aNotificationWithoutAConnectionIsReplacedByPolling() throws Exception {
        AtomicBoolean empty = new AtomicBoolean();
        AtomicInteger refused = new AtomicInteger();
        JdbcIdempotencyStore busy = open(TestBuilders.wrapped(
                JdbcIdempotencyStore.builder(database.url()), pool -> emptyForNotices(pool, empty, refused)));
        try (ToolGate gate = ToolGate.on(waiter)
                .waitForInProgress(Subscriber.PATIENCE)
                .drainTimeout(Duration.ZERO)
                .build()) {
            Lease lease = claimed(busy);
            subscriber(waiter).announceTo(busy, lease);
            empty.set(true);
            CompletableFuture<Outcome<String>> waiting = waiting(gate, lease.id());
            complete(busy, lease);
            assertThat(waiting.get(20, TimeUnit.SECONDS).valueOrThrow()).isEqualTo("paid");
            Awaitility.await().atMost(Subscriber.PATIENCE).until(() -> refused.get() > 0);
        }
    }

    private static DataSource emptyForNotices(DataSource pool, AtomicBoolean empty, AtomicInteger refused) {
        return (DataSource) java.lang.reflect.Proxy.newProxyInstance(
                DataSource.class.getClassLoader(), new Class<?>[] {DataSource.class}, (self, method, arguments) -> {
                    if (empty.get() && Thread.currentThread().getName().equals("toolgate-notifier")) {
                        refused.incrementAndGet();
                        throw new java.sql.SQLTransientConnectionException("Connection is not available");
                    }
                    return method.invoke(pool, arguments);
                });
    }

    @Test
    void aListeningConnectionToNoOrAnotherStoreIsRefused(@TempDir Path directory) {
        assertThatThrownBy(() -> JdbcIdempotencyStore.builder("jdbc:sqlite:" + directory.resolve("store.db"))
                        .listener(database.dataSource())
                        .open())
                .isInstanceOf(StoreException.Misconfigured.class)
                .hasMessageContaining("without listener");
        TestDatabase other = TestPostgres.migrated();
        try {
            assertThatThrownBy(() -> JdbcIdempotencyStore.builder(database.url())
                            .listener(other.dataSource())
                            .open())
                    .isInstanceOf(StoreException.Misconfigured.class)
                    .hasMessageContaining("leads to another store");
        } finally {
            other.drop();
        }
        // A SQLite driver's connections have nothing to listen to.
        org.sqlite.SQLiteDataSource foreign = new org.sqlite.SQLiteDataSource();
        foreign.setUrl("jdbc:sqlite:" + directory.resolve("other.db"));
        assertThatThrownBy(() -> JdbcIdempotencyStore.builder(database.url())
                        .listener(foreign)
                        .open())
                .isInstanceOf(StoreException.Misconfigured.class)
                .hasMessageContaining("PGConnection");
    }

    @Test
    @Rule(8)
    void aTransitionBeforeTheAnnouncementArrivedIsFoundByTheWaitersOwnAnnouncement() throws Exception {
        RecordId id = TestRequests.freshId();
        BlockingQueue<Notification> said = new LinkedBlockingQueue<>();
        BlockingQueue<RecordId> told = new LinkedBlockingQueue<>();
        CountDownLatch never = new CountDownLatch(1);
        DataSource silent = new Fallible() {
            @Override
            public Connection getConnection() throws SQLException {
                try {
                    never.await();
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                }
                throw new SQLException("over");
            }
        };
        try (PostgresWakeups waits = new PostgresWakeups(1, System::nanoTime, silent, said::add, told::add);
                PostgresWakeups owns = new PostgresWakeups(2, System::nanoTime, silent, said::add, told::add)) {
            waits.listening("channel");
            owns.listening("channel");
            waits.announce(List.of(id));
            Notification announcement = said.poll(20, TimeUnit.SECONDS);
            owns.moved(id, true);
            owns.received(announcement.payloads().get(0));
            assertThat(told).isEmpty();
            waits.received(announcement.payloads().get(0));
            assertThat(told).as("to look, and so it finds out").containsExactly(id);
            owns.received("anything else");
            owns.received(announcement.payloads().get(0).replace("1w", "9w"));
            owns.moved(TestRequests.freshId(), true);
            owns.moved(id, true);
            assertThat(said.poll(20, TimeUnit.SECONDS).payloads())
                    .isEqualTo(NotifyPayload.texts(NotifyPayload.Kind.MOVED, 2, List.of(id.toUuid())));
            owns.moved(id, true);
            owns.received(NotifyPayload.texts(NotifyPayload.Kind.MOVED, 2, List.of(id.toUuid()))
                    .get(0));
            waits.received(NotifyPayload.texts(NotifyPayload.Kind.MOVED, 2, List.of(UUID.randomUUID()))
                    .get(0));
            assertThat(said).as("told once, of what is finished").isEmpty();
            assertThat(told).hasSize(1);
            never.countDown();
        }
    }
}
