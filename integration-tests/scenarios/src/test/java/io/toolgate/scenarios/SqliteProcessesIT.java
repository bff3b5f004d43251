package io.toolgate.scenarios;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SqliteProcessesIT extends Processes {
    @TempDir
    static Path folder;

    @Override
    String url() {
        return url("toolgate.db");
    }

    private static String url(String file) {
        return "jdbc:sqlite:" + folder.resolve(file);
    }

    /** Race: cold processes create and open one new file. One installs it, and then all open it side by side. */
    @Test
    void twentyProcessesThatStartTogetherAllOpenOneNewFile() throws Exception {
        List<WorkerProcess> started =
                Stream.generate(() -> start(url("new.db"), 0, null)).limit(20).toList();
        for (WorkerProcess worker : started) {
            assertThat(worker.expect("ready")).isEmpty();
        }
        started.forEach(worker -> worker.tell("execute one 30000"));
        int ran = 0;
        for (WorkerProcess worker : started) {
            ran += worker.expect("done").startsWith("ran ") ? 1 : 0;
        }
        assertThat(ran).isEqualTo(1);
    }

    @Test
    void aProcessThatHangsWhileItOpensTheFileHoldsUpNoOther() throws Exception {
        WorkerProcess hangs = start(0);
        assertThat(hangs.expect("ready")).isEmpty();
        // As it would if it stopped in the middle of opening what is there.
        hangs.tell("lock " + folder.resolve("toolgate.db.toolgate"));
        assertThat(hangs.expect("locked")).isEqualTo("true");
        WorkerProcess other = start(0);
        assertThat(other.expect("ready")).isEmpty();
    }
}
