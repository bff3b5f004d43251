package io.toolgate.store.jdbc.internal.sqlite;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Locks between processes, exclusive if nothing else is said, identified by numbers. The locks of a process that dies
 * are released.
 */
public interface FileLocks extends AutoCloseable {
    /** A lock that this process holds. */
    interface Held {
        void release() throws IOException;
    }

    /** Acquires lock {@code number}, or returns null if another process holds it. */
    @Nullable
    Held tryLock(long number) throws IOException;

    /** Acquires lock {@code number} beside others that share it, or returns null if a process holds it exclusively. */
    @Nullable
    Held tryShare(long number) throws IOException;

    /** Acquires lock {@code number}, and waits for it without a timeout; only {@link #close} ends the wait. */
    Held lock(long number) throws IOException;

    @Override
    void close() throws IOException;

    /**
     * Locks on single bytes of the file at {@code path}, which is created when it is first needed and never deleted.
     */
    static FileLocks inFile(Path path) {
        return new FileLocks() {
            private final ReentrantLock opening = new ReentrantLock();

            @GuardedBy("opening")
            private @Nullable FileChannel channel;

            @GuardedBy("opening")
            private boolean closed;

            /** Opened once: closing any descriptor of a file drops all locks of the process on it. */
            private FileChannel channel() throws IOException {
                opening.lock();
                try {
                    FileChannel open = channel;
                    if (open == null && !closed) {
                        open = FileChannel.open(
                                path, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
                        channel = open;
                    }
                    if (open == null) {
                        throw new IOException("closed");
                    }
                    return open;
                } finally {
                    opening.unlock();
                }
            }

            @Override
            public @Nullable Held tryLock(long number) throws IOException {
                FileLock lock = channel().tryLock(number, 1, false);
                return lock == null ? null : lock::release;
            }

            @Override
            public @Nullable Held tryShare(long number) throws IOException {
                FileLock lock = channel().tryLock(number, 1, true);
                return lock == null ? null : lock::release;
            }

            @Override
            public Held lock(long number) throws IOException {
                return channel().lock(number, 1, false)::release;
            }

            @Override
            public void close() throws IOException {
                opening.lock();
                try {
                    closed = true;
                    if (channel != null) {
                        channel.close();
                    }
                } finally {
                    opening.unlock();
                }
            }
        };
    }
}
