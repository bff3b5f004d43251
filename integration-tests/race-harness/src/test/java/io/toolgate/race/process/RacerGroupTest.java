package io.toolgate.race.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;
import static org.awaitility.Awaitility.await;

import io.toolgate.race.fault.Failpoint;
import io.toolgate.race.history.Event;
import io.toolgate.race.history.Event.Answer;
import io.toolgate.race.history.HistoryFile;
import io.toolgate.race.process.RacerSlot.State;
import io.toolgate.race.racer.Work;
import io.toolgate.support.Json;
import io.toolgate.support.process.Child;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Racers that are a line of shell each: they write the orders they receive to a file and exit on "end". The test writes
 * their output.
 */
@Timeout(60)
class RacerGroupTest {
    private static final Duration LONG = Duration.ofSeconds(30);
    private static final Duration SHORT = Duration.ofMillis(200);
    private static final int DUPLICATES = 2;
    private static final String LISTENS =
            "while read -r line; do echo \"$line\" >> \"$ORDERS\";" + " test \"$line\" != end || exit 0; done";

    @TempDir
    Path directory;

    private final Map<String, Child.Listener> lives = new ConcurrentHashMap<>();
    private final Map<String, Child> children = new ConcurrentHashMap<>();
    private DeedLog deeds;
    private String script = LISTENS;
    private boolean readyAtOnce;
    private RacerGroup group;

    @BeforeEach
    void open() throws IOException {
        deeds = DeedLog.create(directory.resolve("deeds.jsonl"));
        group = group(LONG);
    }

    @AfterEach
    void close() throws IOException {
        group.close();
        children.values().forEach(Child::close);
        deeds.close();
    }

    @Test
    void noRacerBeginsBeforeThereIsWorkAndThenAllDo() throws Exception {
        startReady(1, 2);
        group.awaitReady();
        assertThat(orders("1-1")).isEmpty();
        group.send(new Work(0, List.of("a")));
        awaitOrders("1-1", work(0, "a"));
        awaitOrders("2-1", work(0, "a"));
        say("1-1", "through 0");
        assertThat(group.awaitBusy(1, calls -> {})).isTrue();
    }

    @Test
    void aRacerThatEndsBeforeItIsReadyIsReportedWithItsLastMessage() throws Exception {
        startReady(1);
        script = "echo 'no such host' >&2; exit 1";
        group.start(2);
        assertThatThrownBy(group::awaitReady)
                .isInstanceOf(IOException.class)
                .hasMessage("process 2 did not become ready: no such host");
    }

    @Test
    void aRacerThatDoesNotGetReadyIsNotWaitedForForever() throws Exception {
        group = group(SHORT);
        group.start(1);
        assertThatThrownBy(group::awaitReady).hasMessage("process 1 did not become ready in time");
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 7})
    void aRacerThatEndsBeforeItIsThroughIsReportedAndNotWaitedFor(int status) throws Exception {
        script = "read -r work; exit " + status;
        startReady(1);
        group.send(new Work(0, List.of("a")));
        assertThat(group.awaitBusy(0, calls -> {})).isTrue();
        assertThat(group.mishaps()).containsExactly("process 1 ended with status " + status + ": it left no message");
    }

    @Test
    void aRacerThatIsThroughEndsWhenItIsStopped() throws Exception {
        startReady(1);
        group.send(new Work(0, List.of("a")));
        say("1-1", "through 0");
        assertThat(group.awaitBusy(0, calls -> {})).isTrue();
        group.end();
        assertThat(group.mishaps()).isEmpty();
        assertThat(group.histories())
                .containsExactly(new HistoryFile(1, 1, directory.resolve("history-1-1.jsonl"), false));
    }

    @Test
    void aRacerThatHangsIsReportedOnceAndEnded() throws Exception {
        group = group(SHORT);
        script = "while true; do read -r line; done";
        startReady(1);
        group.send(new Work(0, List.of("a")));
        group.end();
        assertThat(children.get("1-1").handle().isAlive()).isFalse();
        assertThat(group.mishaps()).singleElement().asString().startsWith("process 1 hung: no progress for");
        // It was ended in the middle of whatever it was writing.
        assertThat(group.histories()).singleElement().matches(HistoryFile::killed);
    }

    @Test
    void anUnchangedNumberOfCallsIsNoProgress() throws Exception {
        group = group(SHORT);
        startReady(1);
        group.send(new Work(0, List.of("a")));
        CompletableFuture<Boolean> waiting = CompletableFuture.supplyAsync(() -> {
            try {
                return group.awaitBusy(0, calls -> {});
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
        });
        while (!waiting.isDone()) {
            say("1-1", "calls 5");
        }
        assertThat(waiting.get()).isFalse();
    }

    @Test
    void noRacerStartsInAGroupThatIsClosed() {
        group.close();
        assertThatThrownBy(() -> group.start(1)).hasMessage("the run was stopped");
        assertThat(children.get("1-1").handle().isAlive()).isFalse();
    }

    @Test
    void aSuccessorGetsOnlyTheKeysThatNotEveryThreadHasAnAnswerFor() throws Exception {
        startReady(1);
        group.send(new Work(0, List.of("a", "b", "c")));
        group.send(new Work(1, List.of("d")));
        awaitOrders("1-1", work(0, "a", "b", "c"), work(1, "d"));
        answer("1-1", "a", "a", "b", "d", "d");
        kill(1);
        startReady(1);
        awaitOrders("1-2", work(0, "b", "c"), work(1));
        answer("1-2", "b", "c");
        kill(1);
        startReady(1);
        // Of b, two threads have an answer by now, though in two lives.
        awaitOrders("1-3", work(0, "c"), work(1));
        assertThat(group.histories())
                .extracting(HistoryFile::life, HistoryFile::killed)
                .containsExactly(tuple(1, true), tuple(2, true), tuple(3, false));
    }

    /** Starts process 1, and kills it while it works on key a. */
    private void startAndKillAtWork() throws Exception {
        startReady(1);
        group.send(new Work(0, List.of("a")));
        awaitOrders("1-1", work(0, "a"));
        answer("1-1");
        kill(1);
    }

    @Test
    void aSuccessorThatIsReadyBeforeItIsKnownGetsItsWork() throws Exception {
        startAndKillAtWork();
        readyAtOnce = true;
        group.start(1);
        awaitOrders("1-2", work(0, "a"));
    }

    @Test
    void workThatArrivesWhileASuccessorStartsIsSentOnce() throws Exception {
        startAndKillAtWork();
        group.start(1);
        group.send(new Work(1, List.of("b")));
        say("1-2", "ready");
        group.send(new Work(2, List.of("c")));
        awaitOrders("1-2", work(0, "a"), work(1, "b"), work(2, "c"));
    }

    @Test
    void lateLinesOfADeadRacerAreIgnored() throws Exception {
        group = group(SHORT);
        startAndKillAtWork();
        group.start(1);
        say("1-1", "ready");
        say("1-1", "through 0");
        say("1-1", "at after-effect");
        lives.get("1-1").ended(137);
        assertThat(group.awaitBusy(0, calls -> {})).isFalse();
        assertThat(group.mishaps()).isEmpty();
        assertThat(orders("1-2")).isEmpty();
    }

    @Test
    void anAmbushCatchesOneAndLetsTheOthersGo() throws Exception {
        startReady(1, 2, 3);
        group.send(new Work(0, List.of("a")));
        CompletableFuture<RacerSlot> caught = trap(LONG);
        for (String life : List.of("1-1", "2-1", "3-1")) {
            awaitOrders(life, work(0, "a"), "arm after-effect");
        }
        say("2-1", "at before-effect");
        say("1-1", "at after-effect");
        say("3-1", "at after-effect");
        assertThat(caught.get(30, TimeUnit.SECONDS).process).isEqualTo(1);
        // The one stands at a point that nobody waits for, the other came too late.
        awaitOrdersInAnyOrder("2-1", work(0, "a"), "arm after-effect", "resume", "disarm");
        awaitOrdersInAnyOrder("3-1", work(0, "a"), "arm after-effect", "resume", "disarm");
        assertThat(orders("1-1")).containsExactly(work(0, "a"), "arm after-effect");
    }

    @Test
    void aTrapThatNoThreadReachesIsRemoved() throws Exception {
        startReady(1);
        group.send(new Work(0, List.of("a")));
        assertThat(trap(SHORT).get(30, TimeUnit.SECONDS)).isNull();
        awaitOrders("1-1", work(0, "a"), "arm after-effect", "disarm");
        say("1-1", "at after-effect");
        awaitOrders("1-1", work(0, "a"), "arm after-effect", "disarm", "resume");
    }

    @Test
    void faultsMeetThoseAtWorkWhileMostOthersAre() throws Exception {
        startReady(1, 2, 3, 4);
        assertThat(group.targets()).as("nobody has begun").isEmpty();
        group.send(new Work(0, List.of("a")));
        assertThat(group.targets()).hasSize(4);
        say("4-1", "through 0");
        List<RacerSlot> targets = group.targets();
        assertThat(targets).extracting(slot -> slot.process).containsExactly(1, 2, 3);
        assertThat(group.move(targets.get(0), State.RACING, State.FROZEN)).isTrue();
        assertThat(group.move(targets.get(0), State.RACING, State.KILLED)).isFalse();
        assertThat(group.targets()).hasSize(2);
        assertThat(group.move(targets.get(1), State.RACING, State.FROZEN)).isTrue();
        assertThat(group.targets()).as("half are out of action").isEmpty();
    }

    private RacerGroup group(Duration patience) {
        return new RacerGroup(this::start, directory, DUPLICATES, patience, deeds);
    }

    private Child start(int process, int life, Path history, Child.Listener listener) throws IOException {
        String name = process + "-" + life;
        lives.put(name, listener);
        if (readyAtOnce) {
            listener.said("ready");
        }
        Child child = Child.start(
                name,
                List.of("/bin/sh", "-c", script),
                Map.of("ORDERS", ordersFile(name).toString()),
                directory.resolve(name + ".log"),
                listener);
        children.put(name, child);
        return child;
    }

    private void startReady(int... processes) throws IOException {
        for (int process : processes) {
            group.start(process);
            String life = lives.keySet().stream()
                    .filter(name -> name.startsWith(process + "-"))
                    .max(String::compareTo)
                    .orElseThrow();
            say(life, "ready");
        }
    }

    private void say(String life, String line) {
        lives.get(life).said(line);
    }

    private void kill(int process) throws IOException {
        RacerSlot slot = group.targets().stream()
                .filter(one -> one.process == process)
                .findFirst()
                .orElseThrow();
        assertThat(group.move(slot, State.RACING, State.KILLED)).isTrue();
        children.get(process + "-" + slot.life).close();
        group.killed(slot);
    }

    /** Writes a history in which so many threads were given an answer, and a line that was cut. */
    private void answer(String life, String... keys) throws IOException {
        Path history = directory.resolve("history-" + life + ".jsonl");
        Files.write(
                history,
                Stream.of(keys)
                        .map(key -> Json.line(new Event.Answered(
                                1, 1, key, 1, 1, 100, 1, Answer.COMPLETED, "REPLAYED", null, null, null)))
                        .toList());
        Files.writeString(history, "{\"event\":\"answ", StandardOpenOption.APPEND);
    }

    private CompletableFuture<RacerSlot> trap(Duration time) {
        List<RacerSlot> targets = group.targets();
        return CompletableFuture.supplyAsync(() -> {
            try {
                return group.trap(Failpoint.AFTER_EFFECT, targets, time);
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
        });
    }

    private static String work(int wave, String... keys) {
        return "work " + Json.line(new Work(wave, List.of(keys)));
    }

    private void awaitOrders(String life, String... lines) {
        await().untilAsserted(() -> assertThat(orders(life)).containsExactly(lines));
    }

    private void awaitOrdersInAnyOrder(String life, String... lines) {
        await().untilAsserted(() -> assertThat(orders(life)).containsExactlyInAnyOrder(lines));
    }

    private List<String> orders(String life) throws IOException {
        return Files.exists(ordersFile(life)) ? Files.readAllLines(ordersFile(life)) : List.of();
    }

    private Path ordersFile(String life) {
        return directory.resolve("orders-" + life);
    }
}
