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

    /** An empty store: the bytes of the file, and of the sidecar that names it. */
    private record Template(byte[] file, byte[] sidecar) {
        private static final Template ONE = install();

        private static Template install() {
            try {
                Path directory = Files.createTempDirectory("toolgate-template");
                Path file = directory.resolve("store.db");
                JdbcIdempotencyStore.open("jdbc:sqlite:" + file).close();
                Path sidecar = directory.resolve("store.db.toolgate");
                Template template = new Template(Files.readAllBytes(file), Files.readAllBytes(sidecar));
                try (var left = Files.list(directory)) {
                    for (Path one : left.toList()) {
                        Files.delete(one);
                    }
                }
                Files.delete(directory);
                return template;
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    /** Makes {@code file} an empty store, unless it is there. Returns its URL. */
    public static String installed(Path file) {
        if (!Files.exists(file)) {
            try {
                Path sidecar = file.resolveSibling(file.getFileName() + ".toolgate");
                Path unused = Files.write(sidecar, Template.ONE.sidecar());
                Path unused2 = Files.write(file, Template.ONE.file());
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
        return "jdbc:sqlite:" + file;
    }
}
