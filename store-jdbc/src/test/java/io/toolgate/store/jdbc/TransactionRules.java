package io.toolgate.store.jdbc;

import static io.toolgate.store.jdbc.TestLatches.await;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.toolgate.EncryptedCodec;
import io.toolgate.EncryptionKeys;
import io.toolgate.Failure;
import io.toolgate.IdempotencyKey;
import io.toolgate.Outcome;
import io.toolgate.PaidAction;
import io.toolgate.ResultCodec;
import io.toolgate.ToolGate;
import io.toolgate.ToolGateException;
import io.toolgate.migrations.ToolGateMigrations;
import io.toolgate.store.ClaimOutcome.Finished;
import io.toolgate.store.IdempotencyRecord;
import io.toolgate.store.InputFingerprint;
import io.toolgate.store.Lease;
import io.toolgate.store.Payload;
import io.toolgate.store.RecordId;
import io.toolgate.store.RecordState;
import io.toolgate.store.RunEffect;
import io.toolgate.store.StoreException;
import io.toolgate.store.TransitionOutcome.Applied;
import io.toolgate.store.contract.Rule;
import io.toolgate.store.jdbc.FaultInjectionRules.Fault;
import io.toolgate.store.jdbc.TransactionOutcome.Busy;
import io.toolgate.store.jdbc.TransactionOutcome.Executed;
import io.toolgate.store.jdbc.TransactionOutcome.InDoubt;
import io.toolgate.store.jdbc.TransactionOutcome.Mismatched;
import io.toolgate.store.jdbc.TransactionOutcome.Rejected;
import io.toolgate.store.jdbc.TransactionOutcome.Replayed;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.LinkedHashSet;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import java.util.stream.Stream;
import javax.crypto.SecretKey;
import javax.crypto.spec.SecretKeySpec;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.JdbiException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Claim, effect and result in one commit: it happened once, or never. */
abstract class TransactionRules {
    private static final int MORE_THAN_ENOUGH = 1000;
    private static final InputFingerprint INPUT = TestRequests.fingerprint("input");

    private Backend backend;
    private JdbcIdempotencyStore store;
    private JdbcIdempotencyStore other;
    private final FaultyDataSource faults = new FaultyDataSource();
    private final RecordId id = TestRequests.freshId();

    abstract Backend openBackend();

    /** The name of the JDBC call that commits. */
    String callThatCommits() {
        return "commit";
    }

    @BeforeEach
    void open() {
        backend = openBackend();
        backend.run("DROP TABLE IF EXISTS booked", "CREATE TABLE booked (order_id varchar(100))");
        store = backend.builder().poolSize(4).wrapper(faults::wrap).open();
        other = backend.builder().poolSize(4).open();
    }

    @AfterEach
    void close() {
        assertThat(store.activeConnections()).as("connections not given back").isZero();
        store.close();
        other.close();
        backend.run("DROP TABLE booked");
        backend.close();
    }

    private Payload book(Handle handle, RecordId order) {
        int unused = handle.execute("INSERT INTO booked VALUES (?)", order.key());
        return TestRequests.result("booked");
    }

    private long booked(RecordId order) {
        return Long.parseLong(backend.one("SELECT count(*) FROM booked WHERE order_id = '" + order.key() + "'"));
    }

    private TransactionOutcome book(JdbcIdempotencyStore where) {
        return where.runInTransaction(id, INPUT, handle -> book(handle, id));
    }

    private <T> CompletableFuture<T> start(Supplier<T> call) {
        return CompletableFuture.supplyAsync(call, task -> new Thread(task).start());
    }

    @Test
    @Rule(2)
    void aTransactionalRunRunsOnceAndIsReplayed() {
        assertThat(book(store)).isEqualTo(new Executed(TestRequests.result("booked")));
        assertThat(book(store)).isEqualTo(new Replayed(TestRequests.result("booked")));
        assertThat(book(other)).isEqualTo(new Replayed(TestRequests.result("booked")));
        assertThat(store.claim(TestRequests.hold(id))).isInstanceOf(Finished.class);
        assertThat(booked(id)).isEqualTo(1);
        IdempotencyRecord record = store.peek(id).orElseThrow();
        assertThat(record.fence()).isEqualTo(1);
        assertThat(record.version()).isEqualTo(2);
    }

    @Test
    @Rule(2)
    void aTransactionalRunWithACodecIsTyped() {
        TransactionBody<String, RuntimeException> body = handle -> {
            Payload unused = book(handle, id);
            return "booked";
        };
        Outcome<String> first = store.runInTransaction(id, INPUT, ResultCodec.text(), body);
        assertThat(first).isEqualTo(new Outcome.Completed<>("booked", Outcome.Origin.EXECUTED));
        assertThat(store.runInTransaction(id, INPUT, ResultCodec.text(), body))
                .isEqualTo(new Outcome.Completed<>("booked", Outcome.Origin.REPLAYED));
        assertThat(store.runInTransaction(id, TestRequests.fingerprint("other"), ResultCodec.text(), body))
                .isInstanceOf(Outcome.KeyConflict.class);
        assertThat(store.runInTransaction(id, INPUT, ResultCodec.bytes(), handle -> new byte[0]))
                .isInstanceOf(Outcome.Unavailable.class);
        RecordId nothing = TestRequests.freshId();
        assertThat(store.runInTransaction(nothing, INPUT, ResultCodec.nothing(), handle -> null))
                .isEqualTo(new Outcome.Completed<>(null, Outcome.Origin.EXECUTED));
        assertThat(store.runInTransaction(nothing, INPUT, ResultCodec.nothing(), handle -> null))
                .isEqualTo(new Outcome.Completed<>(null, Outcome.Origin.REPLAYED));
    }

    /** Decodes text in lower case; text that begins with an exclamation mark to null. */
    @SuppressWarnings("NullAway") // Breaks the contract of a codec.
    private static final ResultCodec<String> LOWER = new ResultCodec<>() {
        @Override
        public String id() {
            return "lower/1";
        }

        @Override
        public byte[] encode(String result) {
            return result.getBytes(StandardCharsets.UTF_8);
        }

        @Override
        public String decode(byte[] bytes) {
            return bytes[0] == '!' ? null : new String(bytes, StandardCharsets.UTF_8).toLowerCase(Locale.ROOT);
        }
    };

    @Test
    @Rule(2)
    void theCallThatRanIsGivenWhatWasStored() {
        assertThat(store.runInTransaction(id, INPUT, LOWER, handle -> "BOOKED"))
                .isEqualTo(new Outcome.Completed<>("booked", Outcome.Origin.EXECUTED));
        assertThat(store.runInTransaction(id, INPUT, LOWER, handle -> "AGAIN"))
                .isEqualTo(new Outcome.Completed<>("booked", Outcome.Origin.REPLAYED));
    }

    @Test
    @Rule(5)
    void aResultThatItsCodecCannotReadRollsEverythingBack() {
        assertThatThrownBy(() -> store.runInTransaction(id, INPUT, LOWER, handle -> {
                    Payload unused = book(handle, id);
                    return "!";
                }))
                .isInstanceOf(StoreException.Refused.class)
                .hasMessageContaining("codec lower/1 returned null")
                .hasMessageContaining("Nothing was written");
        assertThat(store.peek(id)).isEmpty();
    }

    @Test
    @Rule(2)
    void aCodecReceivesTheRecordOfItsResult() {
        SecretKey key = new SecretKeySpec(new byte[32], "AES");
        EncryptionKeys keys = EncryptionKeys.of("k1", Map.of("k1", key));
        ResultCodec<String> plain = ResultCodec.text();
        EncryptedCodec<String> sealed = EncryptedCodec.of(plain, keys);
        assertThat(store.runInTransaction(id, INPUT, sealed, handle -> "booked"))
                .isEqualTo(new Outcome.Completed<>("booked", Outcome.Origin.EXECUTED));
        assertThat(store.runInTransaction(id, INPUT, sealed, handle -> "again"))
                .isEqualTo(new Outcome.Completed<>("booked", Outcome.Origin.REPLAYED));
        RecordId older = TestRequests.freshId();
        var unused = store.runInTransaction(older, INPUT, plain, handle -> "in the clear");
        assertThat(store.runInTransaction(older, INPUT, sealed.readingPlain(), handle -> "again"))
                .isEqualTo(new Outcome.Completed<>("in the clear", Outcome.Origin.REPLAYED));
        assertThat(store.runInTransaction(older, INPUT, sealed, handle -> "again"))
                .isInstanceOf(Outcome.Unavailable.class);
    }

    @Test
    @Rule(5)
    void rolledBackMeansNeverHappened() {
        Exception own = new Exception("no such account");
        assertThatThrownBy(() -> store.runInTransaction(id, INPUT, handle -> {
                    Payload unused = book(handle, id);
                    throw own;
                }))
                .as("the very exception")
                .isSameAs(own);
        assertThatThrownBy(() -> store.runInTransaction(id, INPUT, handle -> {
                    throw new AssertionError("a bug");
                }))
                .isInstanceOf(AssertionError.class);
        assertThatThrownBy(() -> store.runInTransaction(id, INPUT, handle -> null))
                .isInstanceOf(NullPointerException.class);
        assertThat(store.peek(id)).isEmpty();
        assertThat(booked(id)).isZero();
        assertThat(book(store)).isInstanceOf(Executed.class);
    }

    @Test
    @Rule(3)
    void aRolledBackRunWritesNoJournalRow() {
        ToolGateMigrations.switchJournal(backend.dataSource(), true);
        try {
            assertThatThrownBy(() -> store.runInTransaction(id, INPUT, handle -> {
                        Payload unused = book(handle, id);
                        throw new IllegalStateException("changed my mind");
                    }))
                    .isInstanceOf(IllegalStateException.class);
            assertThat(store.journal(id)).isEmpty();
            assertThat(book(store)).isInstanceOf(Executed.class);
            assertThat(store.journal(id).stream().map(entry -> String.valueOf(entry.to())))
                    .containsExactly("IN_PROGRESS", "COMPLETED");
        } finally {
            ToolGateMigrations.switchJournal(backend.dataSource(), false);
        }
    }

    @Test
    @Rule(1)
    void ofTwoConcurrentRunsOneRunsAndTheOtherReceivesItsResult() throws Exception {
        CountDownLatch inside = new CountDownLatch(1);
        CountDownLatch go = new CountDownLatch(1);
        CompletableFuture<TransactionOutcome> first = start(() -> store.runInTransaction(id, INPUT, handle -> {
            inside.countDown();
            await(go);
            return book(handle, id);
        }));
        await(inside);
        CompletableFuture<TransactionOutcome> here = start(() -> book(store));
        CompletableFuture<TransactionOutcome> elsewhere = start(() -> book(other));
        assertThat(store.peek(id)).as("seen from outside").isEmpty();
        go.countDown();
        assertThat(first.get(30, TimeUnit.SECONDS)).isInstanceOf(Executed.class);
        assertThat(here.get(30, TimeUnit.SECONDS)).isEqualTo(new Replayed(TestRequests.result("booked")));
        assertThat(elsewhere.get(30, TimeUnit.SECONDS)).isEqualTo(new Replayed(TestRequests.result("booked")));
        assertThat(booked(id)).isEqualTo(1);
    }

    @Test
    @Rule(10)
    void aWaitingRunStartsWhereTheFirstRolledBack() throws Exception {
        CountDownLatch inside = new CountDownLatch(1);
        CountDownLatch go = new CountDownLatch(1);
        CompletableFuture<TransactionOutcome> first = start(() -> store.runInTransaction(id, INPUT, handle -> {
            inside.countDown();
            Payload unused = book(handle, id);
            await(go);
            throw new IllegalStateException("changed my mind");
        }));
        await(inside);
        CompletableFuture<TransactionOutcome> here = start(() -> book(store));
        CompletableFuture<TransactionOutcome> elsewhere = start(() -> book(other));
        go.countDown();
        assertThatThrownBy(() -> first.get(30, TimeUnit.SECONDS))
                .isInstanceOf(ExecutionException.class)
                .hasCauseInstanceOf(IllegalStateException.class);
        Set<Class<?>> answers = Set.of(
                here.get(30, TimeUnit.SECONDS).getClass(),
                elsewhere.get(30, TimeUnit.SECONDS).getClass());
        assertThat(answers).containsExactlyInAnyOrder(Executed.class, Replayed.class);
        assertThat(booked(id)).isEqualTo(1);
    }

    @Test
    @Rule(2)
    void aGatesCallWaitsForATransactionalRunAndReplays() throws Exception {
        CountDownLatch inside = new CountDownLatch(1);
        CountDownLatch go = new CountDownLatch(1);
        RecordId key = RecordId.of("default", "pay", "order");
        InputFingerprint input = TestRequests.fingerprint("i");
        CompletableFuture<Outcome<String>> first =
                start(() -> store.runInTransaction(key, input, ResultCodec.text(), handle -> {
                    inside.countDown();
                    await(go);
                    return "by the transaction";
                }));
        await(inside);
        PaidAction<String, String> action = PaidAction.<String, String>named("pay")
                .run((given, attempt) -> "by the gate")
                .codec(ResultCodec.text())
                .fingerprint(given -> given.getBytes(StandardCharsets.UTF_8))
                .build();
        try (ToolGate gate = ToolGate.on(other).build()) {
            CompletableFuture<Outcome<String>> second =
                    start(() -> gate.execute(action, IdempotencyKey.of("order"), "i"));
            go.countDown();
            assertThat(first.get(30, TimeUnit.SECONDS).isCompleted()).isTrue();
            // Where the gate came first, it runs: but it started after the claim was made.
            assertThat(second.get(30, TimeUnit.SECONDS))
                    .isEqualTo(new Outcome.Completed<>("by the transaction", Outcome.Origin.REPLAYED));
        }
    }

    @Test
    @Rule(5)
    void aTransactionalRunClaimsFreeKeysAndLeavesOthers() {
        Lease live = TestRequests.acquired(store, TestRequests.hold(id));
        assertThat(book(store))
                .isInstanceOfSatisfying(
                        Busy.class, busy -> assertThat(busy.retryAfter()).isLessThan(TestRequests.LEASE));
        backend.advance(TestRequests.LEASE.plusSeconds(1));
        assertThat(book(store)).as("vanished").isInstanceOf(InDoubt.class);
        assertThat(store.peek(id).orElseThrow().version()).as("untouched").isEqualTo(1);
        assertThat(store.fail(live, Failure.unknown("timeout", "no answer"))).isInstanceOf(Applied.class);
        assertThat(book(store))
                .isInstanceOfSatisfying(
                        InDoubt.class,
                        doubt -> assertThat(doubt.failure().code()).isEqualTo("timeout"));
        assertThat(store.fail(live, Failure.notExecuted("refused", ""), RunEffect.NOT_STARTED))
                .isInstanceOf(Applied.class);
        assertThat(booked(id)).isZero();
        assertThat(store.runInTransaction(id, TestRequests.fingerprint("other"), handle -> book(handle, id)))
                .isInstanceOf(Mismatched.class);
        assertThat(book(store)).as("released").isInstanceOf(Executed.class);
        assertThat(store.peek(id).orElseThrow().fence()).isEqualTo(2);
        assertThat(booked(id)).isEqualTo(1);
        backend.advance(java.time.Duration.ofDays(8));
        assertThat(book(store)).as("past its retention").isInstanceOf(Executed.class);
        assertThat(booked(id)).isEqualTo(2);
        Lease rejected = TestRequests.acquired(store, TestRequests.hold(TestRequests.freshId()));
        assertThat(store.fail(rejected, Failure.rejected("declined", ""))).isInstanceOf(Applied.class);
        assertThat(store.runInTransaction(rejected.id(), INPUT, handle -> book(handle, id)))
                .isEqualTo(new Rejected(Failure.rejected("declined", "")));
    }

    @Test
    @Rule(3)
    void aBodyThatSwallowsADatabaseErrorStoresNothing() {
        TransactionBody<Payload, RuntimeException> body = handle -> {
            Payload result = book(handle, id);
            try {
                int unused = handle.execute("INSERT INTO no_such_table VALUES (1)");
            } catch (JdbiException e) {
                assertThat(e).isNotNull();
            }
            return result;
        };
        TransactionOutcome outcome;
        try {
            outcome = store.runInTransaction(id, INPUT, body);
        } catch (StoreException.Refused e) {
            assertThat(e).hasMessageContaining("the body ignored that");
            outcome = null;
        }
        // SQLite undoes the failed statement alone, PostgreSQL gives the whole transaction up.
        boolean kept = outcome instanceof Executed;
        assertThat(kept).isEqualTo(survivesAFailedStatement());
        assertThat(booked(id)).isEqualTo(kept ? 1 : 0);
        assertThat(store.peek(id).isPresent()).isEqualTo(kept);
    }

    abstract boolean survivesAFailedStatement();

    @Test
    void aBodyCannotEndItsTransaction() {
        assertThatThrownBy(() -> store.runInTransaction(id, INPUT, handle -> {
                    Payload result = book(handle, id);
                    Handle unused = handle.commit();
                    return result;
                }))
                .isInstanceOf(StoreException.Refused.class)
                .hasMessageContaining("commit");
        assertThatThrownBy(() -> store.runInTransaction(id, INPUT, handle -> {
                    handle.getConnection().rollback();
                    return book(handle, id);
                }))
                .isInstanceOf(StoreException.Refused.class);
        assertThat(store.peek(id)).isEmpty();
        assertThat(booked(id)).isZero();
        assertThat(store.runInTransaction(id, INPUT, handle -> {
                    Handle unused = handle.savepoint("before");
                    Payload unused2 = book(handle, id);
                    Handle unused3 = handle.rollbackToSavepoint("before");
                    return book(handle, id);
                }))
                .as("savepoints are its own affair")
                .isInstanceOf(Executed.class);
        assertThat(booked(id)).isEqualTo(1);
    }

    /** Ways to end a transaction past the connection's methods. */
    static Stream<Arguments> endings() {
        return Stream.of(
                ending("COMMIT", handle -> handle.execute("COMMIT")),
                ending(
                        "a commit within a script",
                        handle -> handle.createScript("CREATE TEMPORARY TABLE a_script (n INT); /* done */ CoMmIt")
                                .execute()),
                ending("END, and another transaction", handle -> {
                    int unused = handle.execute("END");
                    int unused2 = handle.execute("BEGIN");
                }),
                ending("ROLLBACK", handle -> handle.execute("ROLLBACK")),
                ending("a statement that was unwrapped", handle -> {
                    try (Statement statement = handle.getConnection().createStatement()) {
                        statement.unwrap(Statement.class).getConnection().commit();
                    }
                }),
                ending(
                        "a connection that was unwrapped",
                        handle ->
                                handle.getConnection().unwrap(Connection.class).commit()),
                ending(
                        "the metadata's connection",
                        handle -> handle.getConnection()
                                .getMetaData()
                                .getConnection()
                                .commit()),
                ending("COMMIT within a savepoint of its own", handle -> {
                    Handle unused = handle.savepoint("mine");
                    int unused2 = handle.execute("COMMIT");
                }));
    }

    private interface Ending {
        void end(Handle handle) throws Exception;
    }

    private static Arguments ending(String name, Ending ending) {
        return Arguments.of(name, ending);
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("endings")
    @Rule(3)
    void aBodyThatEndsItsTransactionUnseenIsFoundOut(String name, Ending ending) {
        assertThatThrownBy(() -> store.runInTransaction(id, INPUT, handle -> {
                    ending.end(handle);
                    return book(handle, id);
                }))
                .as(name)
                .isInstanceOf(StoreException.Refused.class)
                .hasMessageContaining("was ended while its body ran");
        assertThat(store.peek(id).stream())
                .as("told as done")
                .noneMatch(record -> record.state() == RecordState.COMPLETED);
    }

    @Test
    void aStatementsConnectionRefusesToo() {
        assertThatThrownBy(() -> store.runInTransaction(id, INPUT, handle -> {
                    try (Statement statement = handle.getConnection().createStatement()) {
                        statement.getConnection().commit();
                    }
                    return book(handle, id);
                }))
                .isInstanceOf(StoreException.Refused.class)
                .hasMessageContaining("called commit on its connection");
        assertThat(store.peek(id)).isEmpty();
    }

    @Test
    void wordsThatOnlyLookLikeAnEndChangeNothing() {
        assertThat(store.runInTransaction(id, INPUT, handle -> {
                    int one = handle.select("SELECT CASE WHEN 'commit' = 'rollback' THEN 0 ELSE 1 END")
                            .mapTo(Integer.class)
                            .one();
                    assertThat(one).isEqualTo(1);
                    Handle unused = handle.savepoint("before");
                    Payload unused2 = book(handle, id);
                    Handle unused3 = handle.rollbackToSavepoint("before");
                    return book(handle, id);
                }))
                .isInstanceOf(Executed.class);
        assertThat(booked(id)).isEqualTo(1);
    }

    @Test
    @Rule(8)
    void aBodyThatWouldWaitForItselfFailsAtOnce() {
        assertThatThrownBy(() -> store.runInTransaction(id, INPUT, handle -> {
                    TransactionOutcome unused = book(store);
                    return book(handle, id);
                }))
                .isInstanceOf(ToolGateException.SelfWait.class);
        assertThatThrownBy(() -> store.runInTransaction(id, INPUT, handle -> {
                    var unused = store.claim(TestRequests.hold(id));
                    return book(handle, id);
                }))
                .isInstanceOf(ToolGateException.SelfWait.class);
        RecordId another = TestRequests.freshId();
        assertThatThrownBy(() -> store.runInTransaction(id, INPUT, handle -> {
                    TransactionOutcome unused = store.runInTransaction(another, INPUT, inner -> book(inner, another));
                    return book(handle, id);
                }))
                .isInstanceOf(StoreException.Refused.class);
        assertThat(store.peek(another)).isEmpty();
        assertThat(book(store)).as("afterwards").isInstanceOf(Executed.class);
    }

    @Test
    @Rule(14)
    void aCollisionRunsTheBodyAgainAndCommitsOnce() {
        AtomicInteger runs = new AtomicInteger();
        TransactionOutcome outcome = store.runInTransaction(id, INPUT, handle -> {
            Payload result = book(handle, id);
            if (runs.incrementAndGet() < 3) {
                throw new IllegalStateException("in some repository", collision());
            }
            return result;
        });
        assertThat(outcome).isInstanceOf(Executed.class);
        assertThat(runs).hasValue(3);
        assertThat(booked(id)).isEqualTo(1);
    }

    private SQLException collision() {
        return backend.aborted();
    }

    /** The plug is pulled before and after every JDBC call, those of the body included. */
    @ParameterizedTest
    @MethodSource("io.toolgate.store.jdbc.FaultInjectionRules#faults")
    @Rule(14)
    void afterEveryFaultTheRunHappenedOnceOrNever(Fault fault) {
        Set<String> broken = new LinkedHashSet<>();
        for (int n = 0; n < MORE_THAN_ENOUGH; n++) {
            RecordId order = TestRequests.freshId();
            if (n % 2 == 1) {
                Lease released = TestRequests.acquired(store, TestRequests.hold(order));
                assertThat(store.fail(released, Failure.notExecuted("refused", ""), RunEffect.NOT_STARTED))
                        .isInstanceOf(Applied.class);
            }
            long fence = n % 2 + 1;
            faults.arm(n / 2, fault.moment(), fault.definite() ? backend::aborted : backend::brokenConnection);
            TransactionOutcome outcome = null;
            try {
                outcome = store.runInTransaction(order, INPUT, handle -> book(handle, order));
            } catch (JdbiException e) {
                assertThat(booked(order)).as("thrown by the body: %s", e).isZero();
            }
            String hit = faults.disarm();
            String what = "call " + n / 2 + ", " + hit;
            Optional<IdempotencyRecord> record =
                    other.peek(order).filter(found -> found.state().isFinished());
            assertThat(booked(order)).as(what).isEqualTo(record.isPresent() ? 1 : 0);
            if (outcome != null) {
                assertThat(outcome).as(what).isEqualTo(new Executed(TestRequests.result("booked")));
                assertThat(record).as(what).isPresent();
            } else {
                assertThat(store.runInTransaction(order, INPUT, handle -> book(handle, order)))
                        .isInstanceOf(Executed.class);
            }
            assertThat(store.runInTransaction(order, INPUT, handle -> book(handle, order)))
                    .isInstanceOf(Replayed.class);
            assertThat(booked(order)).as(what).isEqualTo(1);
            assertThat(other.peek(order).orElseThrow().fence()).as(what).isEqualTo(fence);
            if (hit.isEmpty() && n % 2 == 1) {
                assertThat(broken)
                        .anyMatch(call -> call.endsWith(callThatCommits()))
                        .anyMatch(call -> call.endsWith("setAutoCommit"))
                        .anyMatch(call -> call.endsWith("execute"));
                return;
            }
            broken.add(hit);
        }
        throw new AssertionError("the operation never ran without a fault");
    }
}
