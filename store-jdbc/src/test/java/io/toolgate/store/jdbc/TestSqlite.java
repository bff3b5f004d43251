package io.toolgate.store.jdbc;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * SQLite files with an empty store. The schema is installed once in a JVM and copied from then on, which is much
 * faster.
 */
public final class TestSqlite {
    private TestSqlite() {}

    /** The bytes of an empty store. */
    private static final class Template {
        private static final byte[] BYTES = install();

        private static byte[] install() {
            try {
                Path directory = Files.createTempDirectory("toolgate-template");
                Path file = directory.resolve("store.db");
                JdbcIdempotencyStore.open("jdbc:sqlite:" + file).close();
                byte[] bytes = Files.readAllBytes(file);
                try (var left = Files.list(directory)) {
                    for (Path one : left.toList()) {
                        Files.delete(one);
                    }
                }
                Files.delete(directory);
                return bytes;
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    /** Makes {@code file} an empty store, unless it is there. Returns its URL. */
    public static String installed(Path file) {
        if (!Files.exists(file)) {
            try {
                Path unused = Files.write(file, Template.BYTES);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
        return "jdbc:sqlite:" + file;
    }
}
