package io.toolgate.store.jdbc.internal.sqlite;

import io.toolgate.store.jdbc.internal.sql.WriteQueue;
import java.io.IOException;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Queue for the right to write to a SQLite file: first among the threads of this process, whichever store they use,
 * and then among the processes.
 *
 * <p>SQLite admits one writer at a time and has the others retry, so that an unlucky one starves. This queue makes
 * them fair, and no rule depends on it: a thread that has waited for long enough writes all the same, and so do
 * all if the lock file cannot be created. So a process that is frozen or hangs at the head blocks no other.
 */
public final class WriterQueue implements WriteQueue, AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(WriterQueue.class);

    /** Longer than a round of many processes takes; much shorter than an operation may take. */
    static final Duration PATIENCE = Duration.ofMillis(250);

    /** Much longer than a process takes to ask whether a store has the file open. */
    private static final Duration SHARING = Duration.ofSeconds(5);

    /**
     * One queue for each file in this process. Race: file locks belong to the process, so that two stores with queues
     * of their own would not exclude each other, and closing one's descriptor would drop the other's locks. Hence this
     * static state.
     */
    private static final ConcurrentHashMap<Path, WriterQueue> IN_THIS_PROCESS = new ConcurrentHashMap<>();

    /** Beside the two of {@link ProcessQueue}: shared by all processes that have a store open on the file. */
    private static final long OPEN = 2;

    private final Path path;
    private final ProcessQueue processes;

    /** Fair. Held while a thread writes, and therefore during I/O, on purpose. */
    private final ReentrantLock threads = new ReentrantLock(true);

    /** How many stores use this queue; changed only inside {@code compute} of the map. */
    private int users;

    private WriterQueue(Path path, ProcessQueue processes) {
        this.path = path;
        this.processes = processes;
    }

    /** Returns the queue for the store at {@code store}; every caller has to close it. */
    public static WriterQueue of(Path store) {
        Path path = lockFile(store);
        return IN_THIS_PROCESS.compute(path, (key, known) -> {
            WriterQueue queue = known == null ? open(path) : known;
            queue.users++;
            return queue;
        });
    }

    private static WriterQueue open(Path path) {
        FileLocks locks = FileLocks.inFile(path);
        try {
            shareOpen(locks);
        } catch (IOException | OverlappingFileLockException e) {
            log.debug("The lock file {} cannot be used", path, e);
        }
        return new WriterQueue(path, new ProcessQueue(locks, PATIENCE, System::nanoTime));
    }

    /** Says that a store has the file open, until {@code locks} are closed. */
    static void shareOpen(FileLocks locks) throws IOException {
        long deadline = System.nanoTime() + SHARING.toNanos();
        // Race: a process that asks whether a store has the file open holds the lock alone for that moment.
        while (locks.tryShare(OPEN) == null && System.nanoTime() - deadline < 0) {
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(1));
        }
    }

    /**
     * Whether a process has a store open on the file, this one included; also if the lock file is there, but may not be
     * used by this process. Not while another thread opens one.
     */
    public static boolean isOpen(Path store) {
        Path path = lockFile(store);
        if (IN_THIS_PROCESS.containsKey(path)) {
            return true;
        }
        if (!Files.exists(path)) {
            return false;
        }
        try (FileLocks locks = FileLocks.inFile(path)) {
            return locks.tryLock(OPEN) == null;
        } catch (IOException | OverlappingFileLockException e) {
            log.debug("The lock file {} cannot be used", path, e);
            return true;
        }
    }

    /** The file whose locks order the processes; not SQLite's own, because closing that would drop SQLite's locks. */
    static Path lockFile(Path store) {
        Path sidecar = SqlitePlace.sidecar(store.toAbsolutePath());
        return sidecar.resolveSibling(sidecar.getFileName() + "-queue");
    }

    @Override
    public void enter() {
        try {
            if (!threads.tryLock(PATIENCE.toNanos(), TimeUnit.NANOSECONDS)) {
                return;
            }
        } catch (InterruptedException e) {
            // The write that follows handles the interrupt.
            Thread.currentThread().interrupt();
            return;
        }
        boolean entered = false;
        try {
            if (threads.getHoldCount() == 1) {
                processes.enter();
            }
            entered = true;
        } finally {
            if (!entered) {
                threads.unlock();
            }
        }
    }

    @Override
    public void exit() {
        if (!threads.isHeldByCurrentThread()) {
            return;
        }
        try {
            if (threads.getHoldCount() == 1) {
                processes.exit();
            }
        } finally {
            threads.unlock();
        }
    }

    /** Whether this thread, and its process, are at the head of the queue; for tests. */
    boolean isHead() {
        return threads.isHeldByCurrentThread() && processes.isHead();
    }

    @Override
    public void close() {
        var unused = IN_THIS_PROCESS.computeIfPresent(path, (key, queue) -> {
            queue.users--;
            if (queue.users > 0) {
                return queue;
            }
            queue.processes.close();
            return null;
        });
    }
}
