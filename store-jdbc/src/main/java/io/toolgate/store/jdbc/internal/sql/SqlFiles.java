package io.toolgate.store.jdbc.internal.sql;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Loads the SQL files of this jar, one statement each, without the comment at the head of each file. */
public final class SqlFiles {
    /** The statements that both dialects need, named like their files. */
    public enum Name {
        CLAIM_INSERT,
        CLAIM_TAKE,
        CLAIM_INPUT,
        CLAIM_MARK_IN_DOUBT,
        HEARTBEAT,
        COMPLETE,
        /** The completion of a key's first run, which returns no rows. */
        COMPLETE_FIRST(Dialect.SQLITE),
        COMPLETE_IN,
        COMPLETED_HERE,
        /** The proof that a record is replicated; SQLite has no standbys. */
        CONFIRM(Dialect.POSTGRESQL),
        FAIL,
        CHECKPOINT,
        /** The second half of a checkpoint. */
        CHECKPOINT_VERSION(Dialect.SQLITE),
        CHECKPOINT_READ,
        RESOLVE,
        /** The second half of a resolve. */
        RESOLVE_RECORD(Dialect.SQLITE),
        HISTORY,
        JOURNAL,
        /** A batch of claims and completions, which on SQLite is one transaction of many statements. */
        WRITE_TOGETHER(Dialect.POSTGRESQL),
        PEEK,
        PEEK_ALL,
        FIND_UNFINISHED,
        SCAN_UNFINISHED,
        COUNT,
        PURGE,
        STORE_IDENTITY,
        PURGE_CHECKPOINTS(Dialect.SQLITE),
        PURGE_DECISIONS(Dialect.SQLITE),
        PURGE_HISTORY,
        STARTUP;

        private final @Nullable Dialect only;

        Name() {
            this.only = null;
        }

        /** A statement that only one dialect has: a SQLite statement writes one table, so some take two. */
        Name(Dialect only) {
            this.only = only;
        }

        /** Whether {@code dialect} has it. */
        boolean isOf(Dialect dialect) {
            return only == null || only == dialect;
        }

        /** The name of its file. */
        String file() {
            return name().toLowerCase(java.util.Locale.ROOT) + ".sql";
        }
    }

    /** Absolute, and resolved by a class of this module, so that the files are found on the module path too. */
    private static final String ROOT = "/io/toolgate/store/jdbc/";

    private SqlFiles() {}

    /** The text of a statement, without its comments. */
    public static String load(Dialect dialect, Name name) {
        return load(dialect.folder() + "/" + name.file());
    }

    /** The text of the statement in this file, without its comments. */
    public static String load(String path) {
        try (InputStream in = SqlFiles.class.getResourceAsStream(ROOT + path)) {
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
