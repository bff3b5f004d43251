package io.toolgate.race.demo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.toolgate.race.OtherRows;
import io.toolgate.race.RaceJar;
import io.toolgate.race.RaceJar.Running;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What is left of a demo that is ended in the middle of its race: no process, and after Ctrl-C no row and no file. */
@Timeout(300)
class DemoEndsIT {
    @TempDir
    Path directory;

    private RaceJar jar;
    private Running demo;
    private List<ProcessHandle> children = List.of();

    @BeforeEach
    void jar() throws Exception {
        jar = new RaceJar(directory);
    }

    @AfterEach
    void end() {
        if (demo != null) {
            demo.process().destroyForcibly();
        }
        children.forEach(ProcessHandle::destroyForcibly);
    }

    @Test
    void noProcessOutlivesAParentThatIsKilled() throws Exception {
        startAndWaitForTheRace();
        demo.process().destroyForcibly();
        awaitChildrensEnd();
    }

    @Test
    void ctrlCLeavesNothing() throws Exception {
        String url = "jdbc:sqlite:" + directory.resolve("own.db");
        try (OtherRows others = new OtherRows(url, null, null)) {
            startAndWaitForTheRace("--url", url);
            new ProcessBuilder("kill", "-INT", Long.toString(demo.process().pid()))
                    .start()
                    .waitFor();
            assertThat(demo.process().waitFor(RaceJar.PATIENCE.toSeconds(), TimeUnit.SECONDS))
                    .isTrue();
            assertThat(demo.process().exitValue()).isEqualTo(130);
            awaitChildrensEnd();
            assertThat(jar.leftovers()).isEmpty();
            assertThat(Files.readString(demo.out())).isEmpty();
            others.assertUntouched();
            others.assertNoOthers();
        }
    }

    /** A race whose charges take longer than the test. */
    private void startAndWaitForTheRace(String... more) throws Exception {
        String[] arguments = {"demo", "--processes", "2", "--keys", "3", "--action-millis", "60000"};
        String[] all = Arrays.copyOf(arguments, arguments.length + more.length);
        System.arraycopy(more, 0, all, arguments.length, more.length);
        demo = jar.start(all);
        await().atMost(RaceJar.PATIENCE)
                .until(() -> Files.readString(demo.err()).contains("processes ready")
                        || !demo.process().isAlive());
        assertThat(demo.process().isAlive()).as(Files.readString(demo.err())).isTrue();
        children = demo.process().descendants().toList();
        assertThat(children).hasSize(3);
    }

    private void awaitChildrensEnd() {
        await().atMost(RaceJar.PATIENCE).until(() -> children.stream().noneMatch(ProcessHandle::isAlive));
    }
}
