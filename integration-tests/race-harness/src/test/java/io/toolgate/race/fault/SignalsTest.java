package io.toolgate.race.fault;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.toolgate.race.fault.Signals.Sent;
import io.toolgate.support.UsageException;
import io.toolgate.support.process.Child;
import io.toolgate.support.process.JavaCommand;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class SignalsTest {
    @TempDir
    Path directory;

    private final BlockingQueue<String> said = new LinkedBlockingQueue<>();
    private final CompletableFuture<Integer> ended = new CompletableFuture<>();
    private final List<Child> children = new ArrayList<>();

    @AfterEach
    void endAll() {
        children.forEach(Child::close);
    }

    @Test
    void aKilledProcessIsDead() throws Exception {
        Child child = start(List.of("sleep", "600"));
        long before = System.nanoTime();
        Sent sent = Signals.kill(child);
        assertThat(child.handle().isAlive()).isFalse();
        assertThat(ended.get(30, TimeUnit.SECONDS)).isEqualTo(128 + 9);
        assertThat(sent.sentNanos() - before).isNotNegative();
        assertThat(sent.effectiveNanos() - sent.sentNanos()).isPositive();
    }

    @Test
    void aFrozenProcessIsKilledToo() throws Exception {
        Child child = start(List.of("sleep", "600"));
        Sent frozen = Signals.freeze(child);
        assertThat(states(child)).containsOnly('T');
        Sent killed = Signals.kill(child);
        assertThat(child.handle().isAlive()).isFalse();
        assertThat(killed.sentNanos() - frozen.effectiveNanos()).isNotNegative();
    }

    @Test
    void everyThreadOfAFrozenJvmStandsUntilItIsThawed() throws Exception {
        Child child = start(JavaCommand.shortLived(directory, WallClock.class));
        child.send("");
        assertThat(said.poll(30, TimeUnit.SECONDS)).isNotNull();
        var unused = Signals.freeze(child);
        assertThat(states(child)).hasSizeGreaterThan(3).containsOnly('T');
        child.send("");
        assertThat(said.poll(300, TimeUnit.MILLISECONDS)).isNull();
        Sent thawed = Signals.thaw(child);
        assertThat(states(child)).doesNotContain('T');
        String answer = said.poll(30, TimeUnit.SECONDS);
        assertThat(answer).isNotNull();
        assertThat(Long.parseLong(answer.split(" ", -1)[1])).isGreaterThanOrEqualTo(thawed.sentNanos());
    }

    @Test
    void freezingAFrozenProcessAndThawingARunningOneChangesNothing() throws Exception {
        Child child = start(List.of("sleep", "600"));
        var unusedRunning = Signals.thaw(child);
        assertThat(states(child)).doesNotContain('T');
        var unusedOnce = Signals.freeze(child);
        var unusedTwice = Signals.freeze(child);
        assertThat(states(child)).containsOnly('T');
    }

    @Test
    void aDeadProcessIsNotSignalled() throws Exception {
        Child child = start(List.of("sleep", "600"));
        child.close();
        assertThatThrownBy(() -> Signals.kill(child))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("sleeper");
        assertThatThrownBy(() -> Signals.freeze(child)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> Signals.thaw(child)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void withoutProcNothingCanBeFrozen() {
        assertThatCode(Signals::requireSupported).doesNotThrowAnyException();
        assertThatThrownBy(() -> Signals.requireSupported(directory))
                .isInstanceOf(UsageException.class)
                .hasMessageContaining("--faults freeze");
    }

    private Child start(List<String> command) throws IOException {
        Child child = Child.start("sleeper", command, directory.resolve("log"), new Child.Listener() {
            @Override
            public void said(String line) {
                said.add(line);
            }

            @Override
            public void ended(int exitStatus) {
                ended.complete(exitStatus);
            }
        });
        children.add(child);
        return child;
    }

    private static List<Character> states(Child child) throws IOException {
        List<Character> states = new ArrayList<>();
        try (Stream<Path> threads =
                Files.list(Path.of("/proc", String.valueOf(child.handle().pid()), "task"))) {
            for (Path thread : threads.toList()) {
                String stat = Files.readString(thread.resolve("stat"));
                states.add(stat.charAt(stat.lastIndexOf(')') + 2));
            }
        }
        return states;
    }

    @Test
    void aFrozenProcessDiesWithAParentThatIsKilled() throws Exception {
        Process parent = new ProcessBuilder(
                        JavaCommand.shortLived(directory, FreezingParent.class, directory.toString()))
                .redirectError(directory.resolve("parent.log").toFile())
                .start();
        try (BufferedReader output = parent.inputReader()) {
            ProcessHandle frozen =
                    ProcessHandle.of(Long.parseLong(output.readLine())).orElseThrow();
            assertThat(state(frozen)).isEqualTo('T');
            parent.destroyForcibly();
            assertThat(frozen.onExit()).succeedsWithin(Duration.ofSeconds(30));
        } finally {
            parent.destroyForcibly();
        }
    }

    @Test
    void aThawedProcessOutlivesItsWarden() throws Exception {
        Child child = start(List.of("sleep", "600"));
        var unusedFrozen = Signals.freeze(child);
        List<ProcessHandle> wardens =
                ProcessHandle.current().children().filter(SignalsTest::isWarden).toList();
        assertThat(wardens).hasSize(1);
        var unusedThawed = Signals.thaw(child);
        assertThat(wardens.get(0).onExit()).succeedsWithin(Duration.ofSeconds(30));
        assertThat(child.handle().isAlive()).isTrue();
    }

    private static boolean isWarden(ProcessHandle process) {
        return process.info().arguments().stream().flatMap(Stream::of).anyMatch(word -> word.contains("kill -KILL"));
    }

    private static char state(ProcessHandle process) throws IOException {
        String line = Files.readString(Path.of("/proc", Long.toString(process.pid()), "stat"));
        return line.charAt(line.lastIndexOf(')') + 2);
    }
}
