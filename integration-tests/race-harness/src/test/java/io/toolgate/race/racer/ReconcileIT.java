package io.toolgate.race.racer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.entry;

import io.toolgate.Failure;
import io.toolgate.Fingerprint;
import io.toolgate.Outcome;
import io.toolgate.Outcome.Origin;
import io.toolgate.PaidAction;
import io.toolgate.Reconciler;
import io.toolgate.ResultCodec;
import io.toolgate.ToolGate;
import io.toolgate.race.RaceKeys;
import io.toolgate.race.action.ChargeAction;
import io.toolgate.race.action.Order;
import io.toolgate.race.checker.Terms.Recovery;
import io.toolgate.race.database.Preparation;
import io.toolgate.race.database.Stores;
import io.toolgate.race.fault.Failpoint;
import io.toolgate.race.provider.ChargeRequest;
import io.toolgate.race.provider.LedgerLine;
import io.toolgate.race.provider.PaymentProvider;
import io.toolgate.race.provider.ProviderClient;
import io.toolgate.store.ClaimOutcome;
import io.toolgate.store.ClaimRequest;
import io.toolgate.store.ClaimRequest.OnUnknown;
import io.toolgate.store.ClaimToken;
import io.toolgate.store.IdempotencyRecord;
import io.toolgate.store.IdempotencyStore;
import io.toolgate.store.InputFingerprint;
import io.toolgate.store.RecordState;
import io.toolgate.store.contract.Rule;
import io.toolgate.support.DatabaseLogin;
import io.toolgate.support.Json;
import io.toolgate.support.process.Child;
import io.toolgate.support.process.JavaCommand;
import io.toolgate.support.process.RunDirectory;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Processes that are killed at the worst moments, and reconcilers in processes of their own that resolve the records
 * they left.
 */
@Timeout(300)
class ReconcileIT {
    private static final int LEASE_MILLIS = 2_000;
    private static final int DOUBTS = 1_000;
    private static final Duration PATIENCE = Duration.ofSeconds(120);

    private static final AtomicInteger DATABASES = new AtomicInteger();

    private static EmbeddedPostgres server;

    /** The databases that the tests run on. */
    enum Kind {
        SQLITE,
        POSTGRESQL
    }

    /** A file system in memory, where there is one: see {@link #startServer}. */
    private static final Path MEMORY = Path.of("/dev/shm");

    private final List<Child> children = new ArrayList<>();
    private final Queue<LedgerLine> ledger = new ConcurrentLinkedQueue<>();
    private Path directory;
    private PaymentProvider provider;

    @BeforeAll
    static void startServer() throws IOException {
        // No machine is stopped here, and waiting for the disk would be most of the time that these tests take.
        server = EmbeddedPostgres.builder().setServerConfig("fsync", "off").start();
    }

    @AfterAll
    static void stopServer() throws IOException {
        server.close();
    }

    @BeforeEach
    void open() throws IOException {
        directory = Files.isWritable(MEMORY)
                ? Files.createTempDirectory(MEMORY, "toolgate-reconcile-")
                : Files.createTempDirectory("toolgate-reconcile-");
        // It charges every request, so that a second one shows as a second charge.
        provider = PaymentProvider.start(ledger::add, Duration.ZERO, false);
    }

    @AfterEach
    void close() throws IOException {
        children.forEach(Child::close);
        provider.close();
        RunDirectory.deleteTree(directory);
    }

    /** A database of the test's own: records that another test leaves in doubt would be found, too. */
    private DatabaseLogin database(Kind kind) throws SQLException {
        DatabaseLogin database = kind == Kind.SQLITE
                ? DatabaseLogin.sqlite(directory.resolve("store.db"))
                : new DatabaseLogin(server.getJdbcUrl("postgres", freshDatabase()), "postgres", null);
        var unused = Preparation.prepare(database, true);
        return database;
    }

    private static String freshDatabase() throws SQLException {
        String name = "reconcile_" + DATABASES.incrementAndGet();
        try (Connection connection = server.getPostgresDatabase().getConnection();
                Statement statement = connection.createStatement()) {
            boolean unused = statement.execute("CREATE DATABASE " + name);
        }
        return name;
    }

    private RacerPlan plan(DatabaseLogin database, String tenant, Recovery recovery, String history) {
        return new RacerPlan(
                1,
                1,
                database,
                4,
                new RaceKeys(tenant, DOUBTS),
                1,
                1,
                provider.port(),
                0,
                LEASE_MILLIS,
                0,
                recovery,
                new Mischief(0, 1),
                directory.resolve(history).toString(),
                null,
                ChargeAction.class.getName());
    }

    /** Starts a process; what it says goes to {@code said}. */
    private void start(String name, Class<?> main, Object plan, BlockingQueue<String> said) throws IOException {
        Path log = directory.resolve(name + ".log");
        Child child = Child.start(name, JavaCommand.shortLived(directory, main), log, new Child.Listener() {
            @Override
            public void said(String line) {
                said.add(line);
            }

            @Override
            public void ended(int exitStatus) {
                said.add("ended with " + exitStatus);
            }
        });
        children.add(child);
        child.send(Json.line(plan));
    }

    private static String next(BlockingQueue<String> said) throws InterruptedException {
        String line = said.poll(PATIENCE.toSeconds(), TimeUnit.SECONDS);
        return line == null ? "nothing" : line;
    }

    /**
     * The state after a call.
     *
     * @param state of its record, null if there is none
     * @param charges at the provider, which charges every request
     */
    private record Left(@Nullable RecordState state, int charges) {}

    /**
     * What is left after a call was killed at {@code point}, its lease ended and one pass of a reconciler went by,
     * which ran again what was declared harmless, with the input that the call had stored.
     */
    private static Left leftAfterThePass(Failpoint point, Recovery recovery) {
        return switch (point) {
            case BEFORE_CLAIM -> new Left(null, 0);
            case AFTER_CLAIM, BEFORE_EFFECT ->
                switch (recovery) {
                    case HOLD -> new Left(RecordState.IN_DOUBT, 0);
                    case PROBE -> new Left(RecordState.RETRYABLE, 0);
                    case RERUN -> new Left(RecordState.COMPLETED, 1);
                };
            case AFTER_EFFECT, BEFORE_COMMIT ->
                switch (recovery) {
                    case HOLD -> new Left(RecordState.IN_DOUBT, 1);
                    case PROBE -> new Left(RecordState.COMPLETED, 1);
                    case RERUN -> new Left(RecordState.COMPLETED, 2);
                };
            case AFTER_COMMIT -> new Left(RecordState.COMPLETED, 1);
        };
    }

    /** What is left after one more call: only a rerun, which its action declared harmless, charges twice. */
    private static Left leftAfterAnotherCall(Failpoint point, Recovery recovery) {
        Left before = leftAfterThePass(point, recovery);
        if (before.state() == RecordState.COMPLETED || (recovery == Recovery.HOLD && before.state() != null)) {
            return before;
        }
        return new Left(RecordState.COMPLETED, before.charges() + 1);
    }

    @ParameterizedTest
    @EnumSource(Kind.class)
    @Rule(5)
    void afterAKillAtEveryFailpointEachRecordFollowsItsRecoveryAndNoneIsLeftExpired(Kind kind) throws Exception {
        DatabaseLogin database = database(kind);
        VictimMain.createTable(database);
        Map<Failpoint, BlockingQueue<String>> said = new LinkedHashMap<>();
        for (Failpoint point : Failpoint.values()) {
            List<RacerPlan> plans = new ArrayList<>();
            for (Recovery recovery : Recovery.values()) {
                plans.add(plan(database, "killed-" + recovery, recovery, recovery + "-" + point.text() + ".jsonl"));
            }
            said.put(point, new LinkedBlockingQueue<>());
            start(point.text(), VictimMain.class, new VictimMain.Plan(plans, point), said.get(point));
        }
        for (Failpoint point : Failpoint.values()) {
            for (int i = 0; i < Recovery.values().length; i++) {
                assertThat(next(said.get(point))).isEqualTo(Failpoints.AT + point.text());
            }
        }
        children.forEach(Child::close);
        try (IdempotencyStore store = Stores.open(database, 4);
                ToolGate gate = ToolGate.on(store)
                        .waitForInProgress(Duration.ofSeconds(5))
                        .build()) {
            Map<RacerPlan, PaidAction<Order, String>> actions = actions(database);
            // Four of the six were killed while they owned their keys.
            Awaitility.await().atMost(PATIENCE).until(() -> unfinished(store).size() == 4 * actions.size());
            assertThat(unfinished(store)).allMatch(record -> record.state() == RecordState.IN_PROGRESS);
            try (Reconciler reconciler = reconciler(gate, actions)) {
                assertThat(reconciler.runOnce().complete()).isTrue();
            }
            assertThat(unfinished(store)).allMatch(record -> record.state() == RecordState.IN_DOUBT);
            assertThat(left(store, actions.keySet())).containsExactlyInAnyOrderElementsOf(expected(true));
            assertRowsAreThoseOfTheResults(store, database, actions.keySet());
            actions.forEach((plan, action) -> {
                for (Failpoint point : Failpoint.values()) {
                    var unused =
                            gate.execute(action, plan.keys().key(point.text()), VictimMain.order(plan, point.text()));
                }
            });
            assertThat(left(store, actions.keySet())).containsExactlyInAnyOrderElementsOf(expected(false));
            assertRowsAreThoseOfTheResults(store, database, actions.keySet());
        }
    }

    /** The process dies in the transaction of its result, with the row written and not committed. */
    @ParameterizedTest
    @EnumSource(Kind.class)
    @Rule(18)
    void aKillBetweenTheRowsOfAResultAndTheirCommitLeavesNeitherAndAProbeWritesBoth(Kind kind) throws Exception {
        DatabaseLogin database = database(kind);
        VictimMain.createTable(database);
        RacerPlan plan = plan(database, "killed-in-rows", Recovery.PROBE, "in-rows.jsonl");
        BlockingQueue<String> said = new LinkedBlockingQueue<>();
        start(VictimMain.IN_ROWS, VictimMain.class, new VictimMain.Plan(List.of(plan), null), said);
        assertThat(next(said)).isEqualTo(Failpoints.AT + VictimMain.IN_ROWS);
        children.forEach(Child::close);
        try (IdempotencyStore store = Stores.open(database, 4);
                ToolGate gate = ToolGate.on(store).build()) {
            Awaitility.await().atMost(PATIENCE).until(() -> unfinished(store).size() == 1);
            assertThat(VictimMain.rows(database)).isEmpty();
            DatabaseClock clock = new DatabaseClock();
            HistoryWriter history = HistoryWriter.create(directory.resolve("probed.jsonl"));
            PaidAction<Order, String> action =
                    VictimMain.action(plan, history, clock, new Failpoints(history, clock, System.out), () -> {});
            assertThat(gate.execute(
                                    action,
                                    plan.keys().key(VictimMain.IN_ROWS),
                                    VictimMain.order(plan, VictimMain.IN_ROWS))
                            .isCompleted())
                    .isTrue();
            assertRowsAreThoseOfTheResults(store, database, List.of(plan));
            assertThat(ledger).as("charges").hasSize(1);
        }
    }

    private static void assertRowsAreThoseOfTheResults(
            IdempotencyStore store, DatabaseLogin database, Iterable<RacerPlan> plans) throws SQLException {
        List<String> keys = Stream.concat(
                        Stream.of(Failpoint.values()).map(Failpoint::text), Stream.of(VictimMain.IN_ROWS))
                .toList();
        List<String> results = new ArrayList<>();
        for (RacerPlan plan : plans) {
            for (String key : keys) {
                store.peek(plan.keys().record(key))
                        .map(IdempotencyRecord::result)
                        .ifPresent(result -> results.add(plan.recovery() + " " + key + ": "
                                + new String(result.bytes(), StandardCharsets.UTF_8) + " for "
                                + VictimMain.order(plan, key).amount()));
            }
        }
        assertThat(VictimMain.rows(database)).containsExactlyInAnyOrderElementsOf(results);
    }

    private Map<RacerPlan, PaidAction<Order, String>> actions(DatabaseLogin database) throws IOException {
        Map<RacerPlan, PaidAction<Order, String>> actions = new LinkedHashMap<>();
        for (Recovery recovery : Recovery.values()) {
            RacerPlan plan = plan(database, "killed-" + recovery, recovery, recovery + ".jsonl");
            HistoryWriter history = HistoryWriter.create(Path.of(plan.history()));
            DatabaseClock clock = new DatabaseClock();
            actions.put(
                    plan,
                    VictimMain.action(plan, history, clock, new Failpoints(history, clock, System.out), () -> {}));
        }
        return actions;
    }

    private static Reconciler reconciler(ToolGate gate, Map<RacerPlan, PaidAction<Order, String>> actions) {
        Reconciler.Builder builder = Reconciler.on(gate).every(Duration.ofDays(1));
        actions.values().forEach(builder::action);
        return builder.start();
    }

    private static List<IdempotencyRecord> unfinished(IdempotencyStore store) {
        return store.findUnfinished(Duration.ZERO, 10 * DOUBTS);
    }

    private static List<Map.Entry<String, Left>> expected(boolean afterThePass) {
        List<Map.Entry<String, Left>> all = new ArrayList<>();
        for (Failpoint point : Failpoint.values()) {
            for (Recovery recovery : Recovery.values()) {
                all.add(entry(
                        recovery + " " + point.text(),
                        afterThePass ? leftAfterThePass(point, recovery) : leftAfterAnotherCall(point, recovery)));
            }
        }
        return all;
    }

    private List<Map.Entry<String, Left>> left(IdempotencyStore store, Iterable<RacerPlan> plans) {
        List<Map.Entry<String, Left>> all = new ArrayList<>();
        for (Failpoint point : Failpoint.values()) {
            for (RacerPlan plan : plans) {
                RecordState state = store.peek(plan.keys().record(point.text()))
                        .map(IdempotencyRecord::state)
                        .orElse(null);
                String providerKey = plan.keys().providerKey(point.text());
                long charges = ledger.stream()
                        .filter(line -> providerKey.equals(line.providerKey()))
                        .count();
                all.add(entry(plan.recovery() + " " + point.text(), new Left(state, (int) charges)));
            }
        }
        return all;
    }

    @ParameterizedTest
    @EnumSource(Kind.class)
    @Rule(1)
    void twoReconcilingProcessesResolveAThousandDoubtsOnceEach(Kind kind) throws Exception {
        DatabaseLogin database = database(kind);
        RacerPlan plan = plan(database, "doubted", Recovery.PROBE, "none.jsonl");
        List<String> keys = plan.keys().wave(0);
        try (IdempotencyStore store = Stores.open(database, 4)) {
            doubt(store, plan, keys);
            List<BlockingQueue<String>> said = List.of(new LinkedBlockingQueue<>(), new LinkedBlockingQueue<>());
            for (int i = 0; i < said.size(); i++) {
                start("reconciler-" + i, ReconcilingMain.class, plan, said.get(i));
            }
            for (BlockingQueue<String> one : said) {
                assertThat(next(one)).isEqualTo(ReconcilingMain.READY);
            }
            for (Child child : children) {
                child.send("go");
            }
            List<ReconcilingMain.Done> done = new ArrayList<>();
            for (BlockingQueue<String> one : said) {
                done.add(Json.read(next(one), ReconcilingMain.Done.class));
            }
            assertResolvedOnce(done, keys);
            assertThat(ledger).hasSize(DOUBTS);
            assertReplayable(store, plan, keys);
        }
    }

    /** Leaves records whose effect happened and whose runs ended without knowing. */
    private void doubt(IdempotencyStore store, RacerPlan plan, List<String> keys) {
        ProviderClient client = new ProviderClient(provider.port(), PATIENCE);
        SecureRandom random = new SecureRandom();
        IntStream.range(0, keys.size()).parallel().forEach(i -> {
            String key = keys.get(i);
            ClaimRequest request = new ClaimRequest(
                    plan.keys().record(key),
                    ClaimToken.random(random),
                    "test",
                    fingerprint(key),
                    PATIENCE,
                    Duration.ofHours(1),
                    OnUnknown.HOLD,
                    5);
            try {
                ClaimOutcome.Acquired acquired = (ClaimOutcome.Acquired) store.claim(request);
                byte[] unusedReceipt = client.charge(
                        new ChargeRequest(plan.keys().account(key), Mischief.AMOUNT),
                        plan.keys().providerKey(key),
                        key);
                var unused = store.fail(acquired.lease(), Failure.unknown("timeout", "the answer was lost"));
            } catch (IOException | ProviderClient.Declined e) {
                throw new AssertionError(e);
            }
        });
    }

    private static InputFingerprint fingerprint(String key) {
        try {
            return InputFingerprint.ofCanonical(Fingerprint.text().canonical(key));
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }

    private void assertResolvedOnce(List<ReconcilingMain.Done> done, List<String> keys) {
        String reports = done.stream().map(one -> one.report() + "\n").collect(Collectors.joining()) + complaints();
        List<String> happened =
                done.stream().flatMap(one -> one.happened().stream()).toList();
        assertThat(happened).as("%s", reports).hasSize(DOUBTS);
        assertThat(new HashSet<>(happened)).isEqualTo(new HashSet<>(keys));
        assertThat(done.stream().mapToInt(ReconcilingMain.Done::probes).sum()).isEqualTo(DOUBTS);
        assertThat(done.stream().mapToInt(ReconcilingMain.Done::applied).sum())
                .as("%s", reports)
                .isEqualTo(DOUBTS);
        assertThat(done.stream().mapToInt(one -> one.report().recovered()).sum())
                .isEqualTo(DOUBTS);
        assertThat(done).allSatisfy(one -> {
            assertThat(one.applied()).as("both did a part").isPositive();
            assertThat(one.report().recovered()).isEqualTo(one.applied());
            assertThat(one.report().failed()).isZero();
            assertThat(one.report().complete()).isTrue();
        });
    }

    /** The last that each process wrote to its log. */
    private String complaints() {
        return children.stream().map(Child::lastMessage).collect(Collectors.joining("\n"));
    }

    private static void assertReplayable(IdempotencyStore store, RacerPlan plan, List<String> keys) {
        PaidAction<String, String> action = PaidAction.<String, String>named(
                        plan.keys().action())
                .run((input, attempt) -> {
                    throw new AssertionError("its result is stored");
                })
                .codec(ResultCodec.text())
                .fingerprint(Fingerprint.text())
                .build();
        try (ToolGate gate = ToolGate.on(store).build()) {
            for (String key : keys) {
                assertThat(gate.execute(action, plan.keys().key(key), key))
                        .isInstanceOfSatisfying(
                                Outcome.Completed.class,
                                completed -> assertThat(completed.origin()).isEqualTo(Origin.REPLAYED));
            }
        }
    }
}
