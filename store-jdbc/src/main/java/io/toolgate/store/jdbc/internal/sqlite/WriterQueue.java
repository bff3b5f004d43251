package io.toolgate.store.jdbc.internal.sqlite;

import io.toolgate.store.jdbc.internal.sql.WriteQueue;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Whose turn it is to write to a SQLite file: first among the threads of this process, whichever store of it they use, and then
 * among the processes.
 *
 * <p>SQLite itself lets one write at a time, and lets the others ask again and again: who is unlucky starves. Here they stand in a
 * line. It is fairness only, and no rule rests on it: who has waited long enough writes without a turn, and so does who cannot
 * have one, because the file for it cannot be made. So a process that is frozen or hangs in its turn stops nobody.
 */
public final class WriterQueue implements WriteQueue, AutoCloseable {
    /** Longer than a round of many processes takes; much shorter than an operation may take. */
    static final Duration PATIENCE = Duration.ofMillis(250);

    /**
     * One for each file in this process. Race: locks of files belong to the process, so that two stores with a line each would
     * not keep each other out, and closing one's descriptor would drop the other's lock. Hence this piece of static state.
     */
    private static final ConcurrentHashMap<Path, WriterQueue> IN_THIS_PROCESS = new ConcurrentHashMap<>();

    private final Path path;
    private final ProcessQueue processes;

    /** Fair. Held while a thread writes, and so during I/O, on purpose. */
    private final ReentrantLock threads = new ReentrantLock(true);

    /** How many stores use it; changed inside of the map's own locking only. */
    private int users;

    private WriterQueue(Path path, ProcessQueue processes) {
        this.path = path;
        this.processes = processes;
    }

    /** The one for the store at {@code store}; to be closed. */
    public static WriterQueue of(Path store) {
        Path path = besides(store);
        return IN_THIS_PROCESS.compute(path, (key, known) -> {
            WriterQueue turn = known == null
                    ? new WriterQueue(path, new ProcessQueue(FileLocks.inFile(path), PATIENCE, System::nanoTime))
                    : known;
            turn.users++;
            return turn;
        });
    }

    /** The file that processes lock: not SQLite's, since closing that would drop SQLite's locks. */
    static Path besides(Path store) {
        Path sidecar = SqliteFile.sidecar(store.toAbsolutePath());
        return sidecar.resolveSibling(sidecar.getFileName() + "-turn");
    }

    @Override
    public void enter() {
        try {
            if (!threads.tryLock(PATIENCE.toNanos(), TimeUnit.NANOSECONDS)) {
                return;
            }
        } catch (InterruptedException e) {
            // What this thread does next knows what to do about it.
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

    /** Whether it is this thread's turn, and that of its process; for tests. */
    boolean isOurs() {
        return threads.isHeldByCurrentThread() && processes.isOurs();
    }

    @Override
    public void close() {
        var unused = IN_THIS_PROCESS.computeIfPresent(path, (key, turn) -> {
            turn.users--;
            if (turn.users > 0) {
                return turn;
            }
            turn.processes.close();
            return null;
        });
    }
}
