package io.toolgate.race.provider;

import io.toolgate.support.Json;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;

/**
 * File of the results of all requests to charge, one per line in the order of their completion, each synced to the
 * disk.
 */
public final class Ledger implements ChargeLog, AutoCloseable {
    /** Forces written data of a file to the disk. */
    @FunctionalInterface
    interface Sync {
        void force(FileChannel file) throws IOException;
    }

    private final FileChannel file;
    private final Sync sync;

    // Orders the lines. Not held during a sync: one sync covers all lines written before it.
    private final ReentrantLock order = new ReentrantLock();

    private Ledger(FileChannel file, Sync sync) {
        this.file = file;
        this.sync = sync;
    }

    /** Creates a ledger in {@code path}, which must not exist. */
    public static Ledger create(Path path) throws IOException {
        return create(path, file -> file.force(true));
    }

    static Ledger create(Path path, Sync sync) throws IOException {
        return new Ledger(FileChannel.open(path, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE), sync);
    }

    /** Reads the lines in {@code path}. */
    public static List<LedgerLine> read(Path path) throws IOException {
        List<LedgerLine> lines = new ArrayList<>();
        Json.readLines(path, LedgerLine.class, lines::add);
        return lines;
    }

    @Override
    public void append(LedgerLine line) throws IOException {
        ByteBuffer bytes = ByteBuffer.wrap((Json.line(line) + '\n').getBytes(StandardCharsets.UTF_8));
        order.lock();
        try {
            while (bytes.hasRemaining()) {
                file.write(bytes);
            }
        } finally {
            order.unlock();
        }
        sync.force(file);
    }

    @Override
    public void close() throws IOException {
        file.close();
    }
}
