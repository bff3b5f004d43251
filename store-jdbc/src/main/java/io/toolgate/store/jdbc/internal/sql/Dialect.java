package io.toolgate.store.jdbc.internal.sql;

import java.nio.ByteBuffer;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.temporal.ChronoUnit;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * The supported databases, and what differs between them outside of SQL files: how values are bound and read, and in
 * which unit durations are counted. There is no default; other databases are refused.
 */
public enum Dialect {
    /** {@code uuid}, {@code timestamptz}, and the server's own clock inside the statements. */
    POSTGRESQL("postgresql", ChronoUnit.MICROS, false) {
        @Override
        void bind(PreparedStatement statement, int index, UUID value) throws SQLException {
            statement.setObject(index, value);
        }

        @Override
        @Nullable
        public UUID uuid(ResultSet row, String column) throws SQLException {
            return row.getObject(column, UUID.class);
        }

        @Override
        @Nullable
        public Instant instant(ResultSet row, String column) throws SQLException {
            OffsetDateTime time = row.getObject(column, OffsetDateTime.class);
            return time == null ? null : time.toInstant();
        }
    },

    /** 16 bytes, milliseconds since 1970, and a {@link StoreClock} whose time goes into each statement. */
    SQLITE("sqlite", ChronoUnit.MILLIS, true) {
        @Override
        void bind(PreparedStatement statement, int index, UUID value) throws SQLException {
            statement.setBytes(index, bytes(value));
        }

        @Override
        @Nullable
        public UUID uuid(ResultSet row, String column) throws SQLException {
            byte[] bytes = row.getBytes(column);
            if (bytes == null || bytes.length != 2 * Long.BYTES) {
                return null;
            }
            ByteBuffer buffer = ByteBuffer.wrap(bytes);
            return new UUID(buffer.getLong(), buffer.getLong());
        }

        @Override
        @Nullable
        public Instant instant(ResultSet row, String column) throws SQLException {
            long millis = row.getLong(column);
            return row.wasNull() ? null : Instant.ofEpochMilli(millis);
        }
    };

    private static final long NANOS_PER_SECOND = 1_000_000_000;

    private final String folder;
    private final ChronoUnit unit;
    private final boolean readsBeforeInsert;

    Dialect(String folder, ChronoUnit unit, boolean readsBeforeInsert) {
        this.folder = folder;
        this.unit = unit;
        this.readsBeforeInsert = readsBeforeInsert;
    }

    /** The folder of its SQL. */
    public String folder() {
        return folder;
    }

    /** Whether a claim reads first, because its INSERT takes a lock even where the record is there already. */
    public boolean readsBeforeInsert() {
        return readsBeforeInsert;
    }

    abstract void bind(PreparedStatement statement, int index, UUID value) throws SQLException;

    /** The value of a column, null if it is NULL or no UUID. */
    public abstract @Nullable UUID uuid(ResultSet row, String column) throws SQLException;

    /** The value of a column, null if it is NULL. */
    public abstract @Nullable Instant instant(ResultSet row, String column) throws SQLException;

    /** A duration in the unit of this dialect's statements, rounded up: a lease is never shorter than requested. */
    public long count(Duration duration) {
        // Not Duration.dividedBy, which calculates in decimals: too slow for every statement.
        long unitNanos = unit.getDuration().toNanos();
        long whole = Math.multiplyExact(duration.getSeconds(), NANOS_PER_SECOND / unitNanos);
        return Math.addExact(whole, (duration.getNano() + unitNanos - 1) / unitNanos);
    }

    /** The 16 bytes of {@code value}, most significant first. */
    public static byte[] bytes(UUID value) {
        return ByteBuffer.allocate(2 * Long.BYTES)
                .putLong(value.getMostSignificantBits())
                .putLong(value.getLeastSignificantBits())
                .array();
    }
}
