package io.toolgate.store.jdbc.internal.sqlite;

import io.toolgate.store.StoreException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What the sidecar file of a SQLite store says. Its first line, the id, never changes; the second tells how the store
 * was last seen, and may be missing.
 *
 * @param storeId the store that belongs beside it; null if that was not written yet
 * @param generation the file has had this generation, or a later one; 0 if none is known
 * @param logId the log of the stores that have the file open, or had; null if none is known
 */
public record SqliteSidecar(
        @Nullable String storeId, long generation, @Nullable String logId) {
    private static final Pattern ID = Pattern.compile("toolgate-store-id=([0-9a-f]{32})\\b.*", Pattern.DOTALL);
    private static final Pattern GENERATION = Pattern.compile("\\n.*\\bgeneration=(\\d{1,18})\\b");
    private static final Pattern LOG = Pattern.compile("\\n.*\\b(log=\\S+ index=\\S+)");

    /** Reads what {@code channel}, of the file {@code sidecar}, holds. */
    public static SqliteSidecar read(FileChannel channel, Path sidecar) throws IOException {
        ByteBuffer buffer = ByteBuffer.allocate(1024);
        while (buffer.hasRemaining() && channel.read(buffer, buffer.position()) > 0) {
            // Until it is full or the file is at its end.
        }
        String text = new String(buffer.array(), 0, buffer.position(), StandardCharsets.UTF_8);
        if (text.isBlank()) {
            return new SqliteSidecar(null, 0, null);
        }
        Matcher id = ID.matcher(text);
        if (!id.matches()) {
            throw new StoreException.Misconfigured(
                    sidecar + " does not hold what ToolGate wrote. Restore it, or delete it if"
                            + " the database beside it is the right one");
        }
        Matcher generation = GENERATION.matcher(text);
        Matcher log = LOG.matcher(text);
        return new SqliteSidecar(
                id.group(1),
                generation.find() ? Long.parseLong(generation.group(1)) : 0,
                log.find() ? log.group(1) : null);
    }

    public SqliteSidecar withStoreId(String id) {
        return new SqliteSidecar(id, generation, logId);
    }

    public SqliteSidecar withGeneration(long seen) {
        return new SqliteSidecar(storeId, seen, logId);
    }

    public SqliteSidecar withLogId(String id) {
        return new SqliteSidecar(storeId, generation, id);
    }

    /** Writes this over what {@code channel} holds, of which the first line is the same. */
    public void write(FileChannel channel, Path database) throws IOException {
        String seen = "generation=" + generation + (logId == null ? "" : " " + logId) + "\n";
        ByteBuffer text = StandardCharsets.UTF_8.encode("toolgate-store-id=" + storeId + "  Keep this file beside "
                + database.getFileName()
                + ": by it ToolGate notices that the database was moved, deleted or exchanged.\n" + seen);
        long size = text.remaining();
        while (text.hasRemaining()) {
            var unused = channel.write(text, text.position());
        }
        var unused = channel.truncate(size);
    }
}
