package io.toolgate.race.database;

import io.toolgate.store.RecordId;
import io.toolgate.support.DatabaseLogin;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.sql.BatchUpdateException;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.List;
import java.util.UUID;

/** The rows that a run wrote, known one by one, so that their removal scans and touches no others. */
public final class RunRows {
    private static final int BATCH = 1000;

    private final DatabaseLogin database;
    private final List<RecordId> records;

    /** The rows of {@code records}. */
    public RunRows(DatabaseLogin database, List<RecordId> records) {
        this.database = database;
        this.records = records;
    }

    /** Removes those that exist. */
    public void remove() throws SQLException, IOException {
        try (Connection connection = database.connect();
                PreparedStatement remove = connection.prepareStatement(Sql.read("remove_record.sql"))) {
            connection.setAutoCommit(false);
            for (int from = 0; from < records.size(); from += BATCH) {
                for (RecordId record : records.subList(from, Math.min(from + BATCH, records.size()))) {
                    remove.setObject(1, database.usesSqlite() ? bytes(record.toUuid()) : record.toUuid());
                    remove.setString(2, record.tenant());
                    remove.addBatch();
                }
                remove.executeBatch();
                connection.commit();
            }
        } catch (BatchUpdateException e) {
            // The message of this one quotes the statement; the next exception has the reason.
            throw e.getNextException() == null ? e : e.getNextException();
        }
    }

    private static byte[] bytes(UUID id) {
        return ByteBuffer.allocate(2 * Long.BYTES)
                .putLong(id.getMostSignificantBits())
                .putLong(id.getLeastSignificantBits())
                .array();
    }
}
