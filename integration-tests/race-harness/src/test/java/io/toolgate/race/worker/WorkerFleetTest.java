package io.toolgate.race.worker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.toolgate.race.database.Database;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Workers that are a line of shell each, since what matters is what they say and how they end. */
@Timeout(60)
class WorkerFleetTest {
    private static final Duration LONG = Duration.ofSeconds(30);
    private static final Duration SHORT = Duration.ofMillis(200);

    @TempDir
    Path directory;

    private WorkerFleet fleet = new WorkerFleet(LONG);

    @AfterEach
    void end() {
        fleet.close();
    }

    @Test
    void nobodyGoesBeforeAllAreReady() throws Exception {
        Path gone = directory.resolve("gone");
        start(1, "read plan; echo ready; read go; echo done");
        start(2, "read plan; echo ready; read go; touch " + gone + "; echo done");
        fleet.awaitReady();
        assertThat(gone).doesNotExist();
        fleet.go();
        assertThat(fleet.awaitEnd(calls -> {})).isEmpty();
        assertThat(gone).exists();
        assertThat(fleet.raced()).isPositive();
    }

    @Test
    void aWorkerThatEndsBeforeItIsReadyIsReportedWithItsLastWords() throws Exception {
        start(1, "read plan; echo ready; read go");
        start(2, "echo 'no such host' >&2; exit 1");
        assertThatThrownBy(fleet::awaitReady)
                .isInstanceOf(IOException.class)
                .hasMessage("process 2 did not get ready: no such host");
    }

    @Test
    void aWorkerThatDoesNotGetReadyIsNotWaitedForForever() throws Exception {
        fleet = new WorkerFleet(SHORT);
        start(1, "read plan; read forever");
        assertThatThrownBy(fleet::awaitReady).hasMessage("process 1 did not get ready in time");
    }

    @Test
    void aWorkerThatEndsBadlyIsReportedWithItsStatus() throws Exception {
        start(1, "read plan; echo ready; read go; exit 7");
        fleet.awaitReady();
        fleet.go();
        assertThat(fleet.awaitEnd(calls -> {})).containsExactly("process 1 ended with status 7: it left no message");
    }

    @Test
    void aWorkerThatHangsIsReportedAndEnded() throws Exception {
        Path pid = directory.resolve("pid");
        fleet = new WorkerFleet(Duration.ofSeconds(2));
        // The same number of calls again is life, but no progress.
        start(1, "echo $$ > " + pid + "; read plan; echo ready; read go; while echo calls 5; do sleep 0.1; done");
        fleet.awaitReady();
        fleet.go();
        assertThat(fleet.awaitEnd(calls -> {})).singleElement().asString().startsWith("process 1 hung");
        long number = Long.parseLong(Files.readString(pid).strip());
        assertThat(ProcessHandle.of(number).filter(ProcessHandle::isAlive)).isEmpty();
    }

    @Test
    void nobodyStartsInAFleetThatIsClosed() {
        fleet.close();
        assertThatThrownBy(() -> start(1, "read forever")).isInstanceOf(IOException.class);
    }

    private void start(int number, String script) throws IOException {
        fleet.start(
                List.of("sh", "-c", script),
                new WorkerPlan(
                        number,
                        new Database("jdbc:sqlite:none.db", null, null),
                        1,
                        new RaceKeys("tenant", 1),
                        1,
                        1,
                        1,
                        1,
                        "none.jsonl",
                        false),
                directory.resolve(number + ".log"));
    }
}
