package io.toolgate.bench.database;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;

/** Measures how long a disk takes to make a write durable. */
final class DiskFlush {
    private static final int PAGE = 8192;
    private static final int FLUSHES = 101;

    private DiskFlush() {}

    /** The median time in milliseconds that a write of one page and its flush to disk take in {@code directory}. */
    static double medianMillis(Path directory) throws IOException {
        Path file = Files.createTempFile(directory, "flush", ".tmp");
        long[] nanos = new long[FLUSHES];
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
            for (int i = 0; i < FLUSHES; i++) {
                long start = System.nanoTime();
                channel.write(ByteBuffer.allocate(PAGE), 0);
                channel.force(false);
                nanos[i] = System.nanoTime() - start;
            }
        } finally {
            Files.deleteIfExists(file);
        }
        Arrays.sort(nanos);
        return Math.round(nanos[FLUSHES / 2] / 1e3) / 1e3;
    }
}
