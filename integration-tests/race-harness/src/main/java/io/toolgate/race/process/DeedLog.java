package io.toolgate.race.process;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.toolgate.race.history.Deed;
import io.toolgate.support.Json;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;

/** The log of what the harness does to its processes, in a file and in memory. Safe for use by many threads. */
public final class DeedLog implements AutoCloseable {
    private final BufferedWriter file;
    private final ReentrantLock lock = new ReentrantLock();

    @GuardedBy("lock")
    private final List<Deed> deeds = new ArrayList<>();

    private DeedLog(BufferedWriter file) {
        this.file = file;
    }

    public static DeedLog create(Path path) throws IOException {
        return new DeedLog(Files.newBufferedWriter(path, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE));
    }

    /** Adds a deed and writes it to the file. */
    public void add(Deed deed) {
        lock.lock();
        try {
            deeds.add(deed);
            file.write(Json.line(deed));
            file.newLine();
            file.flush();
        } catch (IOException e) {
            throw new UncheckedIOException("the log of faults could not be written", e);
        } finally {
            lock.unlock();
        }
    }

    /** All so far, in the order in which they took effect. */
    public List<Deed> all() {
        lock.lock();
        try {
            List<Deed> sorted = new ArrayList<>(deeds);
            sorted.sort((a, b) -> Long.compare(a.nanos(), b.nanos()));
            return List.copyOf(sorted);
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void close() throws IOException {
        file.close();
    }
}
