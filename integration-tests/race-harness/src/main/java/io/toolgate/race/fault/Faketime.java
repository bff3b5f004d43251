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
 * Debian's faketime: a library that, loaded into a process, moves its wall clock and nothing else, by an offset in a file that
 * may be rewritten while the process runs.
 */
public final class Faketime {
    /** What to tell a person who asks for it in vain. */
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
     * The library, if this machine has one that works on this JVM, which a small child process finds out.
     *
     * @param scratch for files of that child
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
     * What a process must have in its environment for its wall clock to follow {@code offsetFile}, which must exist when it
     * starts (see {@link #shift}).
     */
    public Map<String, String> environment(Path offsetFile) {
        String preload = System.getenv(PRELOAD);
        Map<String, String> environment = new HashMap<>();
        environment.put(PRELOAD, preload == null || preload.isBlank() ? library.toString() : library + ":" + preload);
        environment.put("FAKETIME_TIMESTAMP_FILE", offsetFile.toString());
        // In seconds: how long the file's last offset is used without looking again.
        environment.put("FAKETIME_CACHE_DURATION", "1");
        // The monotonic clock is what timed waits and the histories go by. Its switch had another name once.
        environment.put("FAKETIME_DONT_FAKE_MONOTONIC", "1");
        environment.put("DONT_FAKE_MONOTONIC", "1");
        // Otherwise it takes the deadlines of the JVM's timed waits for wall-clock times, and they end at once.
        environment.put("FAKETIME_FORCE_MONOTONIC_FIX", "0");
        environment.put("NO_FAKE_STAT", "1");
        return environment;
    }

    /** Makes the wall clocks that follow {@code offsetFile} be off by {@code offset}, in whole seconds, within two seconds. */
    public static void shift(Path offsetFile, Duration offset) throws IOException {
        Path next = offsetFile.resolveSibling(offsetFile.getFileName() + ".next");
        Files.writeString(next, String.format(Locale.ROOT, "%+d%n", offset.toSeconds()));
        // A process that looks meanwhile must not see half a file, which it would take for no offset.
        Files.move(next, offsetFile, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }

    /**
     * Removes what the library left behind in shared memory for a process that was killed; it would stay there until the
     * machine is started again.
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

    /** Whether the wall clock of {@link WallClock}'s answer is an hour off, the monotonic one right, and a wait did end. */
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
