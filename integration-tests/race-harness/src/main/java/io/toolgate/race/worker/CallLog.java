package io.toolgate.race.worker;

import io.toolgate.race.Json;
import java.io.BufferedWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.ReentrantLock;

/** A worker's file of calls, one a line, each handed to the operating system when its call is over. */
final class CallLog implements AutoCloseable {
    private final BufferedWriter file;
    private final ReentrantLock lock = new ReentrantLock();
    private final AtomicLong written = new AtomicLong();

    private CallLog(BufferedWriter file) {
        this.file = file;
    }

    static CallLog create(Path path) throws IOException {
        return new CallLog(Files.newBufferedWriter(path, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE));
    }

    void append(CallLine call) throws IOException {
        String line = Json.line(call);
        lock.lock();
        try {
            file.write(line);
            file.newLine();
            file.flush();
        } finally {
            lock.unlock();
        }
        written.incrementAndGet();
    }

    /** How many calls there are so far. */
    long written() {
        return written.get();
    }

    @Override
    public void close() throws IOException {
        file.close();
    }
}
