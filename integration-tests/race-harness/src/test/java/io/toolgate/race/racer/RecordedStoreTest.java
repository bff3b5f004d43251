package io.toolgate.race.racer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.toolgate.Failure;
import io.toolgate.race.Digests;
import io.toolgate.race.fault.Failpoint;
import io.toolgate.race.history.Event;
import io.toolgate.race.history.Event.ClaimResult;
import io.toolgate.race.history.Event.CompletionKind;
import io.toolgate.race.history.Event.CompletionResult;
import io.toolgate.race.history.Histories;
import io.toolgate.race.history.HistoryFile;
import io.toolgate.store.ClaimOutcome;
import io.toolgate.store.ClaimRequest;
import io.toolgate.store.ClaimToken;
import io.toolgate.store.IdempotencyStore;
import io.toolgate.store.InputFingerprint;
import io.toolgate.store.Lease;
import io.toolgate.store.Payload;
import io.toolgate.store.RecordId;
import io.toolgate.store.StoreException;
import io.toolgate.store.TransitionOutcome;
import io.toolgate.store.jdbc.JdbcIdempotencyStore;
import java.io.IOException;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A recorded store around a real one on SQLite. */
// On a thread of its own: a thread that stands at a failpoint is not to be interrupted.
@Timeout(value = 120, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class RecordedStoreTest {
    private static final String ACTION = "raced";
    private static final RecordId ID = RecordId.of("tenant", ACTION, "key-1");
    private static final Payload RESULT = Payload.of("text", "result".getBytes(StandardCharsets.UTF_8));

    @TempDir
    Path directory;

    private final CapturedOutput output = new CapturedOutput();
    private final AtomicReference<RuntimeException> failure = new AtomicReference<>();
    private JdbcIdempotencyStore real;
    private HistoryWriter history;
    private Failpoints failpoints;
    private RecordedStore store;

    @BeforeEach
    void open() throws IOException {
        real = JdbcIdempotencyStore.open("jdbc:sqlite:" + directory.resolve("store.db"));
        history = HistoryWriter.create(directory.resolve("history.jsonl"));
        DatabaseClock clock = new DatabaseClock();
        failpoints = new Failpoints(history, clock, output);
        store = new RecordedStore(failing(), ACTION, history, clock, failpoints);
    }

    @AfterEach
    void close() throws IOException {
        real.close();
        history.close();
    }

    @Test
    void aRunIsWrittenDownStepByStep() throws Exception {
        Lease lease = claim(1, ID);
        assertThat(store.heartbeat(List.of(lease), Duration.ofSeconds(30))).containsExactly(lease);
        assertThat(store.complete(lease, RESULT)).isInstanceOf(TransitionOutcome.Applied.class);
        List<Event> events = events();
        assertThat(names(events))
                .containsExactly("ClaimSent", "Claimed", "Renewed", "CompletionSent", "CompletionAnswered");
        Event.ClaimSent sent = (Event.ClaimSent) events.get(0);
        Event.Claimed claimed = (Event.Claimed) events.get(1);
        assertThat(claimed.result()).isEqualTo(ClaimResult.ACQUIRED);
        assertThat(claimed.token())
                .isEqualTo(sent.token())
                .isEqualTo(token(1).toUuid().toString());
        assertThat(claimed.sentNanos()).isEqualTo(sent.nanos());
        assertThat(claimed.fence()).isEqualTo(1);
        assertThat(claimed.previousState()).isNull();
        Event.Renewed renewed = (Event.Renewed) events.get(2);
        assertThat(renewed.owned()).isTrue();
        Event.CompletionAnswered ended = (Event.CompletionAnswered) events.get(4);
        assertThat(ended.ending()).isEqualTo(CompletionKind.COMPLETE);
        assertThat(ended.result()).isEqualTo(CompletionResult.APPLIED);
        assertThat(ended.previousState()).isEqualTo("IN_PROGRESS");
        assertThat(ended.version()).isGreaterThan(claimed.version());
        assertThat(ended.sha256()).isEqualTo(Digests.sha256("result"));
        assertThat(ended.sentNanos()).isEqualTo(events.get(3).nanos());
        // The store said when, to the microsecond, and the clock learned from it.
        assertThat(ended.db()).isPositive();
        assertThat(events).allMatch(event -> event.key().equals("key-1"));
    }

    @Test
    void whatOthersFindIsWrittenDown() throws Exception {
        Lease lease = claim(1, ID);
        assertThat(store.claim(request(2, ID, "input"))).isInstanceOf(ClaimOutcome.Busy.class);
        assertThat(store.claim(request(2, ID, "other"))).isInstanceOf(ClaimOutcome.Mismatched.class);
        assertThat(store.complete(lease, RESULT)).isInstanceOf(TransitionOutcome.Applied.class);
        assertThat(store.complete(lease, RESULT)).isInstanceOf(TransitionOutcome.AlreadyApplied.class);
        assertThat(store.complete(new Lease(ID, token(9), 1), RESULT)).isInstanceOf(TransitionOutcome.LeaseLost.class);
        assertThat(store.claim(request(2, ID, "input"))).isInstanceOf(ClaimOutcome.Finished.class);
        List<Event.Claimed> claimed = events(Event.Claimed.class);
        assertThat(claimed)
                .extracting(Event.Claimed::result)
                .containsExactly(ClaimResult.ACQUIRED, ClaimResult.BUSY, ClaimResult.MISMATCHED, ClaimResult.FINISHED);
        assertThat(claimed.get(3).sha256()).isEqualTo(Digests.sha256("result"));
        assertThat(claimed.get(3).fence()).isEqualTo(1);
        assertThat(events(Event.CompletionAnswered.class))
                .extracting(Event.CompletionAnswered::result)
                .containsExactly(
                        CompletionResult.APPLIED, CompletionResult.ALREADY_APPLIED, CompletionResult.LEASE_LOST);
    }

    @Test
    void howARunFailedIsWrittenDown() throws Exception {
        Map<String, Failure> failures = Map.of(
                "rejected", Failure.rejected("no", null),
                "released", Failure.notExecuted("later", null),
                "doubtful", Failure.unknown("who knows", null));
        for (Map.Entry<String, Failure> one : failures.entrySet()) {
            Lease lease = claim(1, RecordId.of("tenant", ACTION, one.getKey()));
            assertThat(store.fail(lease, one.getValue())).isInstanceOf(TransitionOutcome.Applied.class);
        }
        assertThat(events(Event.CompletionAnswered.class))
                .extracting(end -> end.key() + " " + end.ending())
                .containsExactlyInAnyOrder("rejected REJECT", "released RELEASE", "doubtful DOUBT");
    }

    @Test
    void whatTheStoreThrowsIsWrittenDownAndThrown() throws Exception {
        Lease lease = claim(1, ID);
        StoreException thrown = new StoreException.Unavailable("the server is gone", null);
        failure.set(thrown);
        assertThatThrownBy(() -> store.claim(request(2, ID, "input"))).isSameAs(thrown);
        assertThatThrownBy(() -> store.complete(lease, RESULT)).isSameAs(thrown);
        assertThat(events(Event.Claimed.class).get(1).result()).isEqualTo(ClaimResult.ERROR);
        assertThat(events(Event.Claimed.class).get(1).detail()).contains("the server is gone");
        assertThat(events(Event.CompletionAnswered.class).get(0).result()).isEqualTo(CompletionResult.ERROR);
        assertThat(events(Event.CompletionAnswered.class).get(0).detail()).contains("the server is gone");
    }

    @Test
    void recordsOfOtherActionsAreLeftOut() throws Exception {
        failpoints.arm(Failpoint.BEFORE_CLAIM);
        RecordId other = RecordId.of("tenant", "warm-up", "key-1");
        Lease lease = claim(1, other);
        assertThat(store.heartbeat(List.of(lease), Duration.ofSeconds(30))).containsExactly(lease);
        assertThat(store.complete(lease, RESULT)).isInstanceOf(TransitionOutcome.Applied.class);
        assertThat(store.peek(other)).isPresent();
        assertThat(events()).isEmpty();
        assertThat(output.isEmpty()).isTrue();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
                    before-claim  | Reached                                       | 0
                    after-claim   | ClaimSent Claimed Reached                     | 1
                    before-commit | ClaimSent Claimed Reached                     | 1
                    after-commit  | ClaimSent Claimed CompletionSent CompletionAnswered Reached       | 2
                    """)
    void aFailpointIsPassedExactlyWhereItsNameSays(String point, String before, int transitions) throws Exception {
        failpoints.arm(Failpoint.of(point));
        Thread run = new Thread(() -> {
            Lease lease = claim(1, ID);
            TransitionOutcome unused = store.complete(lease, RESULT);
        });
        run.setDaemon(true);
        run.start();
        assertThat(output.next()).isEqualTo("at " + point);
        await().until(() -> run.getState() == Thread.State.WAITING);
        assertThat(names(events())).containsExactly(before.strip().split(" "));
        // What the history says has happened has, and nothing more.
        assertThat(real.peek(ID).map(record -> (int) record.version()).orElse(0))
                .isEqualTo(transitions);
        failpoints.resume();
        run.join();
        assertThat(names(events())).contains("CompletionAnswered");
    }

    private Lease claim(long token, RecordId id) {
        ClaimOutcome outcome = store.claim(request(token, id, "input"));
        assertThat(outcome).isInstanceOf(ClaimOutcome.Acquired.class);
        return ((ClaimOutcome.Acquired) outcome).lease();
    }

    private static ClaimRequest request(long token, RecordId id, String input) {
        return new ClaimRequest(
                id,
                token(token),
                "a test",
                InputFingerprint.ofCanonical(input.getBytes(StandardCharsets.UTF_8)),
                Duration.ofSeconds(30),
                Duration.ofHours(1),
                ClaimRequest.OnUnknown.HOLD,
                5);
    }

    private static ClaimToken token(long number) {
        return ClaimToken.of(new UUID(0, number));
    }

    /** The real store, until {@link #failure} is set. */
    private IdempotencyStore failing() {
        InvocationHandler handler = (proxy, method, arguments) -> {
            RuntimeException thrown = failure.get();
            if (thrown != null) {
                throw thrown;
            }
            try {
                return method.invoke(real, arguments);
            } catch (InvocationTargetException e) {
                throw e.getCause();
            }
        };
        return (IdempotencyStore)
                Proxy.newProxyInstance(getClass().getClassLoader(), new Class<?>[] {IdempotencyStore.class}, handler);
    }

    private List<Event> events() throws IOException {
        List<Event> events = new ArrayList<>();
        Histories.read(
                new HistoryFile(1, 1, directory.resolve("history.jsonl"), false), line -> events.add(line.event()));
        return events;
    }

    private <E extends Event> List<E> events(Class<E> type) throws IOException {
        return events().stream().filter(type::isInstance).map(type::cast).toList();
    }

    private static List<String> names(List<Event> events) {
        return events.stream().map(event -> event.getClass().getSimpleName()).toList();
    }
}
