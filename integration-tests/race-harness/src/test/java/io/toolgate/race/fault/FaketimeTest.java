package io.toolgate.race.fault;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import io.toolgate.support.process.Child;
import io.toolgate.support.process.JavaCommand;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(120)
class FaketimeTest {
    private static final Duration PATIENCE = Duration.ofSeconds(20);

    @TempDir
    Path directory;

    private final BlockingQueue<String> said = new LinkedBlockingQueue<>();

    @Test
    void aRunningProcesssWallClockJumpsWithTheFile() throws Exception {
        Optional<Faketime> found = Faketime.find(directory);
        assumeThat(found).as("faketime is not installed").isPresent();
        Path offset = directory.resolve("offset");
        Faketime.shift(offset, Duration.ofHours(1));
        Child child = Child.start(
                "clock",
                JavaCommand.shortLived(directory, WallClock.class),
                found.get().environment(offset),
                directory.resolve("log"),
                new Child.Listener() {
                    @Override
                    public void said(String line) {
                        said.add(line);
                    }

                    @Override
                    public void ended(int exitStatus) {
                        said.add("ended");
                    }
                });
        try {
            assertOffBecomes(child, 3600);
            Faketime.shift(offset, Duration.ofHours(-1));
            assertOffBecomes(child, -3600);
            Faketime.shift(offset, Duration.ZERO);
            assertOffBecomes(child, 0);
        } finally {
            child.close();
            Faketime.tidyUpAfter(child.handle().pid());
        }
        assertThat(Path.of("/dev/shm/faketime_shm_" + child.handle().pid())).doesNotExist();
        assertThat(Path.of("/dev/shm/sem.faketime_sem_" + child.handle().pid())).doesNotExist();
    }

    @Test
    void librariesAreFoundWhereDistributionsPutThem() throws Exception {
        assertThat(Faketime.candidates(directory)).isEmpty();
        Path debian = directory.resolve("lib/riscv64-linux-gnu/faketime/libfaketime.so.1");
        Path threads = debian.resolveSibling("libfaketimeMT.so.1");
        Path fedora = directory.resolve("lib64/faketime/libfaketime.so.1");
        for (Path library : new Path[] {debian, threads, fedora}) {
            Files.createDirectories(library.getParent());
            Files.createFile(library);
        }
        assertThat(Faketime.candidates(directory)).containsExactly(threads, debian, fedora);
    }

    @Test
    void aProcessWithOtherClocksIsNoProof() {
        long hour = Duration.ofHours(1).toMillis();
        long wait = TimeUnit.MILLISECONDS.toNanos(WallClock.WAIT_MILLIS);
        assertThat(Faketime.isShifted((hour + 500) + " 100 " + (100 + wait), 0, 50, 200 + wait))
                .isTrue();
        assertThat(Faketime.isShifted("500 100 " + (100 + wait), 0, 50, 200 + wait))
                .as("wall clock not moved")
                .isFalse();
        assertThat(Faketime.isShifted((hour + 500) + " 300 " + (300 + wait), 0, 50, 200 + wait))
                .as("monotonic clock moved")
                .isFalse();
        assertThat(Faketime.isShifted((hour + 500) + " 100 101", 0, 50, 200 + wait))
                .as("no wait")
                .isFalse();
        assertThat(Faketime.isShifted("", 0, 50, 200)).as("no answer").isFalse();
    }

    /** Asks until the answer is right; that the monotonic clock is right is asked each time. */
    private void assertOffBecomes(Child child, long seconds) throws Exception {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        long off;
        do {
            long before = System.nanoTime();
            long millis = System.currentTimeMillis();
            child.send("");
            String answer = said.poll(PATIENCE.toSeconds(), TimeUnit.SECONDS);
            assertThat(answer).isNotNull().isNotEqualTo("ended");
            String[] clocks = answer.split(" ", -1);
            assertThat(Long.parseLong(clocks[1])).isBetween(before, System.nanoTime());
            assertThat(Long.parseLong(clocks[2]) - Long.parseLong(clocks[1]))
                    .as("how long a wait took")
                    .isBetween(TimeUnit.MILLISECONDS.toNanos(WallClock.WAIT_MILLIS / 2), PATIENCE.toNanos());
            off = Long.parseLong(clocks[0]) - millis - TimeUnit.SECONDS.toMillis(seconds);
        } while (Math.abs(off) > 5000 && System.nanoTime() - deadline < 0);
        assertThat(Math.abs(off))
                .as("milliseconds off the offset of %d s", seconds)
                .isLessThanOrEqualTo(5000);
    }
}
