package io.toolgate.store.jdbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.toolgate.Fingerprint;
import io.toolgate.IdempotencyKey;
import io.toolgate.PaidAction;
import io.toolgate.ResultCodec;
import io.toolgate.ToolGate;
import io.toolgate.ToolGateException;
import io.toolgate.store.StoreException;
import io.toolgate.store.contract.Rule;
import io.toolgate.store.jdbc.TestPostgres.TestDatabase;
import java.lang.reflect.Method;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import javax.sql.DataSource;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A store on a database that is down, or without a schema, when the application starts. */
class LazyStoreTest {
    private final TestDatabase database = TestPostgres.migrated();
    private final AtomicInteger connects = new AtomicInteger();
    private final AtomicLong nanos = new AtomicLong(Long.MAX_VALUE - 100);
    private final CountDownLatch connecting = new CountDownLatch(1);
    private volatile boolean down = true;
    private volatile CountDownLatch answer = new CountDownLatch(0);

    private final DataSource source = new InterceptedDataSource() {
        @Override
        Object call(Object inner, Method method, Object[] arguments) throws Throwable {
            if (method.getName().equals("getConnection")) {
                connects.incrementAndGet();
                connecting.countDown();
                TestLatches.await(answer);
                if (down) {
                    throw new SQLException("connection refused", "08001");
                }
            }
            return invoke(inner, method, arguments);
        }
    }.wrap(database.dataSource());

    private final LazyJdbcIdempotencyStore store = new LazyJdbcIdempotencyStore(
            () -> JdbcIdempotencyStore.builder(source).open(), nanos::get);

    @AfterEach
    void drop() {
        store.close();
        database.drop();
    }

    private void aSecondLater() {
        nanos.addAndGet(TimeUnit.SECONDS.toNanos(1));
    }

    @Test
    @Rule(12)
    void aGateOnADatabaseThatIsDownRunsNothingUntilItIsThere() {
        AtomicInteger runs = new AtomicInteger();
        PaidAction<String, String> action = PaidAction.<String, String>named("charge")
                .run((input, attempt) -> "receipt " + runs.incrementAndGet())
                .codec(ResultCodec.text())
                .fingerprint(Fingerprint.text())
                .storing(Connection.class, (connection, completion) -> {})
                .build();
        try (ToolGate gate = ToolGate.on(store).build()) {
            assertThatThrownBy(() -> gate.execute(action, IdempotencyKey.of("k"), "in"))
                    .isInstanceOf(ToolGateException.NotExecuted.class)
                    .hasCauseInstanceOf(StoreException.Unavailable.class)
                    .hasMessageContaining("could not be reached");
            down = false;
            aSecondLater();
            assertThat(gate.execute(action, IdempotencyKey.of("k"), "in").valueOrThrow())
                    .isEqualTo("receipt 1");
        }
        assertThat(runs).hasValue(1);
    }

    @Test
    void anOutageCostsOneTryASecondHoweverManyCall() {
        for (int i = 0; i < 5; i++) {
            assertThatThrownBy(() -> store.peek(TestRequests.freshId()))
                    .isInstanceOf(StoreException.Unavailable.class)
                    .hasMessageContaining("connection refused");
        }
        assertThat(connects).hasValue(1);
        aSecondLater();
        assertThatThrownBy(store::store).isInstanceOf(StoreException.Unavailable.class);
        assertThat(connects).hasValue(2);
    }

    @Test
    void callsThatComeTogetherShareOneTry() throws Exception {
        answer = new CountDownLatch(1);
        ExecutorService executor = Executors.newCachedThreadPool();
        try {
            List<Future<JdbcIdempotencyStore>> calls = new ArrayList<>();
            for (int i = 0; i < 8; i++) {
                calls.add(executor.submit(store::store));
            }
            TestLatches.await(connecting);
            answer.countDown();
            for (Future<JdbcIdempotencyStore> call : calls) {
                assertThatThrownBy(() -> call.get(60, TimeUnit.SECONDS))
                        .isInstanceOf(ExecutionException.class)
                        .hasCauseInstanceOf(StoreException.Unavailable.class);
            }
        } finally {
            executor.shutdownNow();
        }
        assertThat(connects).hasValue(1);
    }

    @Test
    void aSchemaThatIsNotThereYetIsToldAndFoundOnceItIs() {
        down = false;
        database.run("ALTER TABLE tg_store_info RENAME TO elsewhere", "ALTER TABLE tg_idempotency RENAME TO away");
        assertThatThrownBy(store::store)
                .isInstanceOf(StoreException.Misconfigured.class)
                .hasMessageContaining("are missing");
        database.run("ALTER TABLE elsewhere RENAME TO tg_store_info", "ALTER TABLE away RENAME TO tg_idempotency");
        assertThatThrownBy(store::store)
                .as("within the second")
                .isInstanceOf(StoreException.Misconfigured.class)
                .hasMessageContaining("are missing");
        aSecondLater();
        assertThat(store.store()).isSameAs(store.store());
    }

    @Test
    void wrongSettingsAreRefusedAtOnce() {
        assertThatThrownBy(() ->
                        JdbcIdempotencyStore.builder("jdbc:postgres://db/x").lazily())
                .isInstanceOf(StoreException.Misconfigured.class)
                .hasMessageContaining("jdbc:postgresql:");
        assertThatThrownBy(() -> JdbcIdempotencyStore.builder(source).user("me").lazily())
                .isInstanceOf(StoreException.Misconfigured.class);
        assertThat(connects).hasValue(0);
        try (LazyJdbcIdempotencyStore lazy =
                JdbcIdempotencyStore.builder("jdbc:postgresql://localhost:1/x").lazily()) {
            assertThatThrownBy(lazy::store).isInstanceOf(StoreException.Unavailable.class);
        }
    }

    @Test
    void aStoreThatIsClosedIsNotOpenedAnyMore() throws Exception {
        down = false;
        answer = new CountDownLatch(1);
        ExecutorService executor = Executors.newCachedThreadPool();
        try {
            Future<JdbcIdempotencyStore> call = executor.submit(store::store);
            TestLatches.await(connecting);
            Future<?> closing = executor.submit(store::close);
            answer.countDown();
            JdbcIdempotencyStore opened = call.get(60, TimeUnit.SECONDS);
            Object nothing = closing.get(60, TimeUnit.SECONDS);
            assertThat(nothing).isNull();
            assertThatThrownBy(() -> opened.peek(TestRequests.freshId())).isInstanceOf(StoreException.Closed.class);
        } finally {
            executor.shutdownNow();
        }
        LazyJdbcIdempotencyStore never = JdbcIdempotencyStore.builder(source).lazily();
        never.close();
        assertThatThrownBy(never::store).isInstanceOf(StoreException.Closed.class);
    }
}
