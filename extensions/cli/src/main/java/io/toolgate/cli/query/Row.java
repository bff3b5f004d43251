package io.toolgate.cli.query;

import java.nio.ByteBuffer;
import java.sql.ResultSet;
import java.sql.ResultSetMetaData;
import java.sql.SQLException;
import java.sql.Timestamp;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * A row of a query, read the same way from every database: a time is a {@code timestamptz} or milliseconds since 1970,
 * an id a {@code uuid} or 16 bytes, and a truth value 0 or 1.
 */
public final class Row {
    private final Map<String, @Nullable Object> values = new HashMap<>();

    private Row() {}

    /** The row that {@code results} is positioned on. */
    static Row of(ResultSet results) throws SQLException {
        Row row = new Row();
        ResultSetMetaData columns = results.getMetaData();
        for (int i = 1; i <= columns.getColumnCount(); i++) {
            row.values.put(columns.getColumnLabel(i), results.getObject(i));
        }
        return row;
    }

    /** A text, which must not be NULL. */
    public String text(String column) {
        return present(textOrNull(column), column);
    }

    /** A text, or null. */
    public @Nullable String textOrNull(String column) {
        Object value = value(column);
        return value == null ? null : value.toString();
    }

    /** A whole number, which must not be NULL. */
    public long number(String column) {
        return present(numberOrNull(column), column);
    }

    /** A whole number, or null. */
    public @Nullable Long numberOrNull(String column) {
        Object value = value(column);
        return value == null ? null : ((Number) value).longValue();
    }

    /** Whether a number is other than 0. */
    public boolean flag(String column) {
        return number(column) != 0;
    }

    /** A time, which must not be NULL. */
    public Instant time(String column) {
        return present(timeOrNull(column), column);
    }

    /** A time, or null. */
    public @Nullable Instant timeOrNull(String column) {
        Object value = value(column);
        if (value instanceof Timestamp timestamp) {
            return timestamp.toInstant();
        }
        return value == null ? null : Instant.ofEpochMilli(((Number) value).longValue());
    }

    /** An id, which must not be NULL. */
    public UUID id(String column) {
        Object value = present(value(column), column);
        if (value instanceof byte[] bytes) {
            ByteBuffer buffer = ByteBuffer.wrap(bytes);
            return new UUID(buffer.getLong(), buffer.getLong());
        }
        return (UUID) value;
    }

    /** Bytes, or null. */
    public byte @Nullable [] bytes(String column) {
        return (byte[]) value(column);
    }

    /** The id with the given 32 hexadecimal digits, with or without dashes. */
    public static UUID uuid(String text) {
        String digits = text.replace("-", "");
        return new UUID(
                Long.parseUnsignedLong(digits.substring(0, 16), 16), Long.parseUnsignedLong(digits.substring(16), 16));
    }

    /** {@code id} as the statements take it: 32 hexadecimal digits. */
    public static String digits(UUID id) {
        return id.toString().replace("-", "");
    }

    private @Nullable Object value(String column) {
        if (!values.containsKey(column)) {
            throw new IllegalStateException(
                    "the statement has no column " + column + ": this is a bug, please report it");
        }
        return values.get(column);
    }

    private static <T> T present(@Nullable T value, String column) {
        if (value == null) {
            throw new IllegalStateException(
                    "column " + column + " is NULL, which ToolGate never writes: was the row changed by hand?");
        }
        return value;
    }
}
