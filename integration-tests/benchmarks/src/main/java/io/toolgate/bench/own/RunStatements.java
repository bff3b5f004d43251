package io.toolgate.bench.own;

import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * The statements of {@link RunsTable}, each on a pooled connection and committed by itself. Safe for use by many
 * threads.
 */
interface RunStatements extends AutoCloseable {
    /** Whether the key had no row, and has one now. */
    boolean claim(String key, UUID token) throws Exception;

    /** Whether the row is still this token's; it is completed then. */
    boolean complete(String key, UUID token, String result) throws Exception;

    /** The stored result, or null as long as there is none. */
    @Nullable
    String find(String key) throws Exception;
}
