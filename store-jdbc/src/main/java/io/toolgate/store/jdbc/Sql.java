package io.toolgate.store.jdbc;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.stream.Collectors;

/** The SQL that comes in this jar: one statement a file. The comment that heads each file stays out of what is sent. */
final class Sql {
    /** The statements that each dialect has, named like their files. */
    enum Name {
        CLAIM_INSERT,
        CLAIM_TAKE,
        CLAIM_MARK_IN_DOUBT,
        HEARTBEAT,
        HEARTBEAT_OPEN,
        COMPLETE,
        COMPLETE_IN,
        FAIL,
        PEEK,
        PEEK_ALL,
        FIND_UNFINISHED,
        PURGE,
        STORE_IDENTITY,
        STARTUP;

        /** The name of its file. */
        String file() {
            return name().toLowerCase(java.util.Locale.ROOT) + ".sql";
        }
    }

    private Sql() {}

    /** The text of a statement, without its comments. */
    static String load(Dialect dialect, Name name) {
        return load(dialect.folder() + "/" + name.file());
    }

    /** The text of the statement in this file, without its comments. */
    static String load(String path) {
        try (InputStream in = Sql.class.getResourceAsStream(path)) {
            if (in == null) {
                throw new IllegalStateException("The jar of toolgate-store-jdbc lacks " + path
                        + ", which belongs to it; was it repackaged without its resources?");
            }
            return new String(in.readAllBytes(), StandardCharsets.UTF_8)
                    .lines()
                    .filter(line -> !line.startsWith("--"))
                    .collect(Collectors.joining("\n"))
                    .strip();
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot read " + path + " from the jar of toolgate-store-jdbc", e);
        }
    }
}
