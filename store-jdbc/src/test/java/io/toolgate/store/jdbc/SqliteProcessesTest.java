package io.toolgate.store.jdbc;

import static org.assertj.core.api.Assertions.assertThat;

import io.toolgate.store.contract.Rule;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Processes that come to one file at the same moment. */
@Timeout(120)
class SqliteProcessesTest {
    private static final int PROCESSES = 8;

    @TempDir
    Path directory;

    @Test
    @Rule(1)
    void eightProcessesThatOpenANewFileSeeOneStoreAndOneOfThemWins() throws Exception {
        Path file = directory.resolve("store.db");
        List<Process> processes = new ArrayList<>();
        List<BufferedReader> outputs = new ArrayList<>();
        try {
            for (int i = 0; i < PROCESSES; i++) {
                Process process = start("jdbc:sqlite:" + file, "order-1");
                processes.add(process);
                outputs.add(process.inputReader());
            }
            for (BufferedReader output : outputs) {
                assertThat(output.readLine()).isEqualTo("ready");
            }
            for (Process process : processes) {
                process.getOutputStream().write('\n');
                process.getOutputStream().flush();
            }
            List<String> answers = new ArrayList<>();
            for (BufferedReader output : outputs) {
                answers.add(output.readLine());
            }
            assertThat(answers)
                    .containsOnlyOnce("Acquired")
                    .filteredOn("Busy"::equals)
                    .hasSize(PROCESSES - 1);
            assertThat(Files.readString(directory.resolve("store.db.toolgate"))).startsWith("toolgate-store-id=");
        } finally {
            for (Process process : processes) {
                process.getOutputStream().close();
                int unused = process.waitFor();
            }
        }
    }

    private static Process start(String... arguments) throws IOException {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xshare:auto",
                "-XX:-UsePerfData",
                "-XX:TieredStopAtLevel=1",
                "-Dorg.slf4j.simpleLogger.defaultLogLevel=error",
                "-cp",
                System.getProperty("java.class.path"),
                Opener.class.getName()));
        command.addAll(List.of(arguments));
        return new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
    }
}
