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

/** Signals to child processes of this one, and to nothing else; each returns when the signal has taken effect. */
public final class Signals {
    /**
     * When a signal was sent, and when its effect was seen, by the machine's monotonic clock: it took effect between the two.
     *
     * @param sentNanos just before it was sent
     * @param effectiveNanos just after its effect was seen
     */
    public record Sent(long sentNanos, long effectiveNanos) {}

    private static final Path PROC = Path.of("/proc");
    private static final long PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(5);
    private static final long POLL_NANOS = TimeUnit.MICROSECONDS.toNanos(200);

    private Signals() {}

    /**
     * Makes sure that this machine lets processes be frozen, and their state be seen.
     *
     * @throws UsageException if it does not
     */
    public static void requireSupported() {
        requireSupported(PROC);
    }

    static void requireSupported(Path proc) {
        if (!Files.isReadable(proc.resolve("self").resolve("stat"))) {
            throw new UsageException(
                    "freezing processes needs Linux with /proc, where a frozen process can be told from a"
                            + " running one; leave out --faults freeze");
        }
    }

    /**
     * Kills a process; when this returns it is dead and its end was seen.
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
            throw new IOException(child.name() + " does not die of SIGKILL", e);
        }
    }

    /**
     * Stops a process; when this returns, not one of its threads runs. It dies with this process even so.
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
     * Lets a stopped process go on; when this returns, all of its threads may run.
     *
     * @throws IllegalArgumentException if it is not a live child of this process
     * @throws IOException if it does not go on
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
        // The shell has a kill of its own; the program of that name is missing from small systems.
        Process sender = new ProcessBuilder("/bin/sh", "-c", "kill -" + signal + " " + process.pid())
                .redirectErrorStream(true)
                .start();
        String said = new String(sender.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        if (sender.waitFor() != 0) {
            throw new IOException(child.name() + " cannot be sent SIG" + signal + ": " + said.strip());
        }
        // Seen twice: the first time, a thread may be missing that was started while the others were looked at.
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
                throw new IOException(child.name() + " does not heed SIG" + signal);
            }
            LockSupport.parkNanos(POLL_NANOS);
        }
    }

    /** The process of {@code child}, which must be alive, the one that was started, and a child of this very process. */
    private static ProcessHandle ours(Child child) {
        ProcessHandle process = child.handle();
        // Handles are equal if their processes were started at the same instant, so that one that was given the number
        // of
        // a dead one is not taken for it.
        boolean same = process.isAlive()
                && ProcessHandle.of(process.pid()).filter(process::equals).isPresent();
        boolean own = process.parent().filter(ProcessHandle.current()::equals).isPresent();
        if (!same || !own) {
            throw new IllegalArgumentException(
                    child.name() + ", process " + process.pid() + ", is no live process that was started from here");
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
            // It ended, which the caller finds.
            return false;
        }
    }

    /** The state of a thread; empty if it ended meanwhile or is about to. */
    private static Optional<Character> state(Path thread) throws IOException {
        try {
            String stat = Files.readString(thread.resolve("stat"));
            // The name in front of it is in brackets, and may have brackets of its own.
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
