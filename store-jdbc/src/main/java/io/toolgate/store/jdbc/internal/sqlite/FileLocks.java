package io.toolgate.store.jdbc.internal.sqlite;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/** Locks of which each is held by one process. Whoever dies holds none any more. */
public interface FileLocks extends AutoCloseable {
    /** A lock that is held. */
    interface Held {
        void release() throws IOException;
    }

    /** Takes the lock of this number, or returns null if another process has it. */
    @Nullable
    Held tryLock(long number) throws IOException;

    /** Takes the lock of this number, and waits for it without end, but for {@link #close}. */
    Held lock(long number) throws IOException;

    @Override
    void close() throws IOException;

    /** Bytes of the file at {@code path}, which is made when it is first needed, and stays. */
    static FileLocks inFile(Path path) {
        return new FileLocks() {
            private final ReentrantLock opening = new ReentrantLock();
            private @Nullable FileChannel channel;
            private boolean closed;

            /** Opened once: closing any descriptor of a file drops all locks that the process has on it. */
            private FileChannel channel() throws IOException {
                opening.lock();
                try {
                    FileChannel open = channel;
                    if (open == null && !closed) {
                        open = FileChannel.open(path, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
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
