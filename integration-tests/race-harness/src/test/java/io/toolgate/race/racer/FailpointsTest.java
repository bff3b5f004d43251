package io.toolgate.race.racer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.toolgate.race.fault.Failpoint;
import io.toolgate.race.history.Event;
import io.toolgate.race.history.Histories;
import io.toolgate.race.history.HistoryFile;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

// On a thread of its own: a thread that stands at a failpoint is not to be interrupted.
@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class FailpointsTest {
    @TempDir
    Path directory;

    private final CapturedOutput output = new CapturedOutput();
    private HistoryWriter history;
    private Failpoints failpoints;

    @BeforeEach
    void open() throws IOException {
        history = HistoryWriter.create(directory.resolve("history.jsonl"));
        failpoints = new Failpoints(history, new DatabaseClock(), output);
    }

    @AfterEach
    void close() throws IOException {
        history.close();
    }

    @Test
    void theFirstThreadReportsAndStopsUntilItIsReleased() throws Exception {
        failpoints.arm(Failpoint.AFTER_EFFECT);
        Thread thread = passing(Failpoint.AFTER_EFFECT, "key-1");
        assertThat(output.next()).isEqualTo("at after-effect");
        await().until(() -> thread.getState() == Thread.State.WAITING);
        assertThat(reached()).containsExactly("key-1 at after-effect");

        failpoints.resume();
        thread.join();
    }

    @Test
    void othersPass() throws Exception {
        failpoints.pass(Failpoint.AFTER_EFFECT, "nothing is armed");
        failpoints.arm(Failpoint.AFTER_EFFECT);
        failpoints.pass(Failpoint.BEFORE_EFFECT, "another point");
        Thread standing = passing(Failpoint.AFTER_EFFECT, "key-1");
        assertThat(output.next()).isEqualTo("at after-effect");
        failpoints.pass(Failpoint.AFTER_EFFECT, "the second");
        assertThat(output.isEmpty()).isTrue();
        failpoints.resume();
        standing.join();
        failpoints.pass(Failpoint.AFTER_EFFECT, "after it");
        assertThat(reached()).hasSize(1);
    }

    @Test
    void aRevokedOrderStopsNoThreadAndReleasesNone() throws Exception {
        failpoints.arm(Failpoint.BEFORE_CLAIM);
        failpoints.disarm();
        failpoints.pass(Failpoint.BEFORE_CLAIM, "nobody waits for it");
        assertThat(output.isEmpty()).isTrue();

        failpoints.arm(Failpoint.BEFORE_CLAIM);
        Thread standing = passing(Failpoint.BEFORE_CLAIM, "key-1");
        assertThat(output.next()).isEqualTo("at before-claim");
        failpoints.disarm();
        assertThat(output.isEmpty()).isTrue();
        await().until(() -> standing.getState() == Thread.State.WAITING);
        failpoints.resume();
        standing.join();
    }

    private Thread passing(Failpoint point, String key) {
        Thread thread = new Thread(() -> failpoints.pass(point, key));
        thread.setDaemon(true);
        thread.start();
        return thread;
    }

    private List<String> reached() throws IOException {
        List<String> reached = new ArrayList<>();
        Histories.read(new HistoryFile(1, 1, directory.resolve("history.jsonl"), false), line -> {
            Event.Reached event = (Event.Reached) line.event();
            reached.add(event.key() + " at " + event.point());
        });
        return reached;
    }
}
