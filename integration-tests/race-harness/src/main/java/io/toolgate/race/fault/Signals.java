package io.toolgate.race.fault;

import io.toolgate.support.UsageException;
import io.toolgate.support.process.Child;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.LockSupport;
import java.util.function.IntPredicate;

/**
 * Sender of signals to child processes of this one, and to no others; each method returns when the signal has taken
 * effect.
 */
public final class Signals {
    /**
     * Times of a signal by the machine's monotonic clock; it took effect between the two.
     *
     * @param sentNanos just before it was sent
     * @param effectiveNanos just after its effect was observed
     */
    public record Sent(long sentNanos, long effectiveNanos) {}

    private static final Path PROC = Path.of("/proc");
    private static final long PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(5);
    private static final long POLL_NANOS = TimeUnit.MICROSECONDS.toNanos(200);

    private Signals() {}

    /**
     * Verifies that processes can be frozen on this machine and that their state can be read.
     *
     * @throws UsageException if not
     */
    public static void requireSupported() {
        requireSupported(PROC);
    }

    static void requireSupported(Path proc) {
        if (!Files.isReadable(proc.resolve("self").resolve("stat"))) {
            throw new UsageException(
                    "freezing processes needs Linux with /proc, which shows whether a process is frozen; leave out"
                            + " --faults freeze");
        }
    }

    /**
     * Kills a process; when this returns, the process has ended.
     *
     * @throws IllegalArgumentException if it is not a live child of this process
     * @throws IOException if it does not die
     */
    public static Sent kill(Child child) throws IOException, InterruptedException {
        ProcessHandle process = ours(child);
        long sent = System.nanoTime();
        boolean unused = process.destroyForcibly();
        try {
            var unusedEnd = process.onExit().get(PATIENCE_NANOS, TimeUnit.NANOSECONDS);
            child.unguard();
            return new Sent(sent, System.nanoTime());
        } catch (TimeoutException | ExecutionException e) {
            throw new IOException(child.name() + " did not end within 5 s of SIGKILL", e);
        }
    }

    /**
     * Freezes a process; when this returns, none of its threads runs. It is still killed when this process dies.
     *
     * @throws IllegalArgumentException if it is not a live child of this process
     * @throws IOException if it does not stop
     */
    public static Sent freeze(Child child) throws IOException, InterruptedException {
        boolean frozen = false;
        child.guard();
        try {
            Sent sent = send(child, "STOP", state -> state == 'T');
            frozen = true;
            return sent;
        } finally {
            if (!frozen) {
                child.unguard();
            }
        }
    }

    /**
     * Continues a frozen process; when this returns, all of its threads may run.
     *
     * @throws IllegalArgumentException if it is not a live child of this process
     * @throws IOException if it does not continue
     */
    public static Sent thaw(Child child) throws IOException, InterruptedException {
        try {
            return send(child, "CONT", state -> state != 'T');
        } finally {
            child.unguard();
        }
    }

    private static Sent send(Child child, String signal, IntPredicate effect) throws IOException, InterruptedException {
        ProcessHandle process = ours(child);
        long sent = System.nanoTime();
        // kill is built into the shell; small systems lack the program of that name.
        Process sender = new ProcessBuilder("/bin/sh", "-c", "kill -" + signal + " " + process.pid())
                .redirectErrorStream(true)
                .start();
        String said = new String(sender.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        if (sender.waitFor() != 0) {
            throw new IOException(child.name() + " cannot be sent SIG" + signal + ": " + said.strip());
        }
        // Twice in a row: the first scan may miss a thread that was started during it.
        int seen = 0;
        while (true) {
            seen = allThreads(process.pid(), effect) ? seen + 1 : 0;
            if (seen == 2) {
                return new Sent(sent, System.nanoTime());
            }
            if (!process.isAlive()) {
                throw new IOException(child.name() + " ended before SIG" + signal + " took effect");
            }
            if (System.nanoTime() - sent > PATIENCE_NANOS) {
                throw new IOException("SIG" + signal + " did not take effect on " + child.name() + " within 5 s");
            }
            LockSupport.parkNanos(POLL_NANOS);
        }
    }

    /**
     * Returns the process of {@code child}, which must be alive, the one that was started, and a child of this process.
     */
    private static ProcessHandle ours(Child child) {
        ProcessHandle process = child.handle();
        // Equality of handles includes the start time, so that a new process with the pid of a dead one is not mistaken
        // for it.
        boolean same = process.isAlive()
                && ProcessHandle.of(process.pid()).filter(process::equals).isPresent();
        boolean own = process.parent().filter(ProcessHandle.current()::equals).isPresent();
        if (!same || !own) {
            throw new IllegalArgumentException(
                    child.name() + ", process " + process.pid() + ", is not a live child of this process");
        }
        return process;
    }

    private static boolean allThreads(long pid, IntPredicate effect) throws IOException {
        try (DirectoryStream<Path> threads =
                Files.newDirectoryStream(PROC.resolve(String.valueOf(pid)).resolve("task"))) {
            int seen = 0;
            for (Path thread : threads) {
                Optional<Character> state = state(thread);
                if (state.isPresent()) {
                    seen++;
                    if (!effect.test(state.get())) {
                        return false;
                    }
                }
            }
            return seen > 0;
        } catch (NoSuchFileException | DirectoryIteratorException e) {
            // The process ended, which the caller detects.
            return false;
        }
    }

    /** The state of a thread; empty if it ended meanwhile or is about to. */
    private static Optional<Character> state(Path thread) throws IOException {
        try {
            String stat = Files.readString(thread.resolve("stat"));
            // The state follows the name, which is in brackets and may contain brackets itself.
            char state = stat.charAt(stat.lastIndexOf(')') + 2);
            return state == 'Z' || state == 'X' ? Optional.empty() : Optional.of(state);
        } catch (NoSuchFileException e) {
            return Optional.empty();
        } catch (IOException e) {
            if (Files.exists(thread)) {
                throw e;
            }
            return Optional.empty();
        }
    }
}
