package io.toolgate.race.fault;

import io.toolgate.support.process.Child;
import io.toolgate.support.process.JavaCommand;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/**
 * Debian's faketime, a library that shifts the wall clock, and nothing else, of the process that loads it, by an offset
 * in a file that can be rewritten while the process runs.
 */
public final class Faketime {
    /** The advice for a machine without a usable library. */
    public static final String MISSING =
            "install Debian's faketime (apt-get install faketime), or leave out --faults clock";

    private static final String PRELOAD = "LD_PRELOAD";
    private static final Duration PATIENCE = Duration.ofSeconds(20);
    private static final Duration HOUR = Duration.ofHours(1);
    private static final Path SHARED_MEMORY = Path.of("/dev/shm");

    private final Path library;

    private Faketime(Path library) {
        this.library = library;
    }

    /**
     * Finds the library, if this machine has one that works with this JVM; a small child process tries it.
     *
     * @param scratch a directory for the child's files
     */
    public static Optional<Faketime> find(Path scratch) throws IOException, InterruptedException {
        for (Path library : candidates(Path.of("/usr"))) {
            Faketime faketime = new Faketime(library);
            if (faketime.works(scratch)) {
                return Optional.of(faketime);
            }
        }
        return Optional.empty();
    }

    /** The libraries below {@code root}; those for processes with many threads come first. */
    static List<Path> candidates(Path root) throws IOException {
        List<Path> found = new ArrayList<>();
        for (String name : List.of("libfaketimeMT.so.1", "libfaketime.so.1")) {
            for (String parent : List.of("lib", "lib64", "local/lib")) {
                Path libraries = root.resolve(parent);
                addIfThere(found, libraries.resolve("faketime").resolve(name));
                if (Files.isDirectory(libraries)) {
                    try (DirectoryStream<Path> machines = Files.newDirectoryStream(libraries, "*-linux-*")) {
                        machines.forEach(machine ->
                                addIfThere(found, machine.resolve("faketime").resolve(name)));
                    }
                }
            }
        }
        return found;
    }

    private static void addIfThere(List<Path> found, Path library) {
        if (Files.isReadable(library)) {
            found.add(library);
        }
    }

    /**
     * Returns the environment of a process whose wall clock shall follow {@code offsetFile}; the file must exist when
     * the process starts (see {@link #shift}).
     */
    public Map<String, String> environment(Path offsetFile) {
        String preload = System.getenv(PRELOAD);
        Map<String, String> environment = new HashMap<>();
        environment.put(PRELOAD, preload == null || preload.isBlank() ? library.toString() : library + ":" + preload);
        environment.put("FAKETIME_TIMESTAMP_FILE", offsetFile.toString());
        // In seconds: how long an offset is used before the file is read again.
        environment.put("FAKETIME_CACHE_DURATION", "1");
        // Timed waits and the histories use the monotonic clock. Older versions have the second name of this switch.
        environment.put("FAKETIME_DONT_FAKE_MONOTONIC", "1");
        environment.put("DONT_FAKE_MONOTONIC", "1");
        // Otherwise the deadlines of the JVM's timed waits are taken for wall-clock times, and the waits end at once.
        environment.put("FAKETIME_FORCE_MONOTONIC_FIX", "0");
        environment.put("NO_FAKE_STAT", "1");
        return environment;
    }

    /**
     * Shifts the wall clocks that follow {@code offsetFile} by {@code offset}, in whole seconds, within two seconds.
     */
    public static void shift(Path offsetFile, Duration offset) throws IOException {
        Path next = offsetFile.resolveSibling(offsetFile.getFileName() + ".next");
        Files.writeString(next, String.format(Locale.ROOT, "%+d%n", offset.toSeconds()));
        // A process that reads meanwhile must not see half a file, which would count as no offset.
        Files.move(next, offsetFile, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }

    /**
     * Deletes the library's shared memory of a killed process, which would otherwise stay until the machine is
     * restarted.
     */
    public static void tidyUpAfter(long pid) throws IOException {
        Files.deleteIfExists(SHARED_MEMORY.resolve("faketime_shm_" + pid));
        Files.deleteIfExists(SHARED_MEMORY.resolve("sem.faketime_sem_" + pid));
    }

    private boolean works(Path scratch) throws IOException, InterruptedException {
        Path offset = Files.createTempFile(scratch, "faketime", ".offset");
        BlockingQueue<String> answers = new LinkedBlockingQueue<>();
        shift(offset, HOUR);
        Child child = Child.start(
                "faketime-check",
                JavaCommand.shortLived(scratch, WallClock.class),
                environment(offset),
                scratch.resolve("faketime-check.log"),
                new Child.Listener() {
                    @Override
                    public void said(String line) {
                        answers.add(line);
                    }

                    @Override
                    public void ended(int exitStatus) {
                        answers.add("");
                    }
                });
        try {
            long before = System.nanoTime();
            long millis = System.currentTimeMillis();
            try {
                child.send("");
            } catch (IOException e) {
                return false;
            }
            String answer = answers.poll(PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
            return answer != null && isShifted(answer, millis, before, System.nanoTime());
        } finally {
            child.close();
            tidyUpAfter(child.handle().pid());
            Files.deleteIfExists(offset);
        }
    }

    /**
     * Whether {@link WallClock}'s answer has a wall clock an hour off, a correct monotonic clock, and a wait that
     * ended.
     */
    static boolean isShifted(String answer, long millis, long beforeNanos, long afterNanos) {
        String[] said = answer.split(" ", -1);
        if (said.length != 3) {
            return false;
        }
        long off = Long.parseLong(said[0]) - millis - HOUR.toMillis();
        long waitFrom = Long.parseLong(said[1]);
        long waitTo = Long.parseLong(said[2]);
        return Math.abs(off) < PATIENCE.toMillis() + 1000
                && waitFrom - beforeNanos >= 0
                && afterNanos - waitTo >= 0
                && waitTo - waitFrom >= WallClock.WAIT_MILLIS * 1_000_000 / 2;
    }
}
