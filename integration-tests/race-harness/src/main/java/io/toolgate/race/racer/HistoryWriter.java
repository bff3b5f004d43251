package io.toolgate.race.racer;

import io.toolgate.race.history.Event;
import io.toolgate.support.Json;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Writer of a racer's history. An event is handed to the operating system, and so survives a kill, when its write
 * returns.
 */
final class HistoryWriter implements AutoCloseable {
    private final BufferedWriter file;
    private final ReentrantLock lock = new ReentrantLock();

    private HistoryWriter(BufferedWriter file) {
        this.file = file;
    }

    static HistoryWriter create(Path path) throws IOException {
        return new HistoryWriter(
                Files.newBufferedWriter(path, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE));
    }

    /** Writes {@code event}. A failure ends the racer's work, because a history with a gap proves nothing. */
    void write(Event event) {
        String line = Json.line(event);
        lock.lock();
        try {
            file.write(line);
            file.newLine();
            file.flush();
        } catch (IOException e) {
            throw new UncheckedIOException("the history cannot be written; is the disk full?", e);
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void close() throws IOException {
        file.close();
    }
}
