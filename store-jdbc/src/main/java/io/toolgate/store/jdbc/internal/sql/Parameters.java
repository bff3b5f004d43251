package io.toolgate.store.jdbc.internal.sql;

import com.google.errorprone.annotations.CanIgnoreReturnValue;
import io.toolgate.Failure;
import io.toolgate.store.Payload;
import io.toolgate.store.RecordNumbers;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.HexFormat;
import java.util.List;
import java.util.UUID;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Binds the named parameters of one statement. The driver's errors are kept, and thrown by {@link #check}. */
public final class Parameters {
    private final PreparedStatement statement;
    private final NamedSql sql;
    private final Dialect dialect;
    private final StoreClock clock;
    private int bound;
    private long nowMillis;
    private @Nullable SQLException failed;

    Parameters(PreparedStatement statement, NamedSql sql, Dialect dialect, StoreClock clock) {
        this.statement = statement;
        this.sql = sql;
        this.dialect = dialect;
        this.clock = clock;
    }

    /** Binds one position. */
    private interface Binding {
        void bind(int index) throws SQLException;
    }

    @CanIgnoreReturnValue
    private Parameters at(String name, Binding binding) {
        if (failed == null) {
            try {
                for (int index : sql.positions(name)) {
                    binding.bind(index);
                    bound++;
                }
            } catch (SQLException e) {
                failed = e;
            }
        }
        return this;
    }

    /** Throws the first error of the driver's, and refuses a statement with an unbound parameter. */
    void check() throws SQLException {
        if (failed != null) {
            throw failed;
        }
        if (bound != sql.count()) {
            throw new IllegalStateException(bound + " of " + sql.count() + " parameters were bound: " + sql.text());
        }
    }

    @CanIgnoreReturnValue
    public Parameters bind(String name, UUID value) {
        return at(name, index -> dialect.bind(statement, index, value));
    }

    @CanIgnoreReturnValue
    public Parameters bind(String name, @Nullable String value) {
        return at(name, index -> statement.setString(index, value));
    }

    @CanIgnoreReturnValue
    public Parameters bind(String name, byte @Nullable [] value) {
        return at(name, index -> statement.setBytes(index, value));
    }

    @CanIgnoreReturnValue
    public Parameters bind(String name, long value) {
        return at(name, index -> statement.setLong(index, value));
    }

    @CanIgnoreReturnValue
    public Parameters bind(String name, boolean value) {
        return at(name, index -> statement.setBoolean(index, value));
    }

    @CanIgnoreReturnValue
    public Parameters bind(String name, UUID[] values) {
        return bindArray(name, "uuid", values);
    }

    @CanIgnoreReturnValue
    public Parameters bind(String name, String[] values) {
        return bindArray(name, "text", values);
    }

    @CanIgnoreReturnValue
    public Parameters bind(String name, byte[][] values) {
        return bindArray(name, "bytea", values);
    }

    @CanIgnoreReturnValue
    public Parameters bind(String name, Long[] values) {
        return bindArray(name, "int8", values);
    }

    @CanIgnoreReturnValue
    public Parameters bind(String name, Boolean[] values) {
        return bindArray(name, "bool", values);
    }

    private Parameters bindArray(String name, String type, Object[] values) {
        return at(
                name,
                index -> statement.setArray(index, statement.getConnection().createArrayOf(type, values)));
    }

    @CanIgnoreReturnValue
    public Parameters bind(String name, Duration value) {
        return bind(name, dialect.count(value));
    }

    /** The columns of a completion: a result, the reason why there is none to show, or a failure. */
    @CanIgnoreReturnValue
    public Parameters bindCompletion(@Nullable Payload result, @Nullable Failure failed) {
        Payload shown = result != null && result.isAvailable() ? result : null;
        Failure failure = result != null && !result.isAvailable() ? result.reason() : failed;
        return bind("result", shown == null || shown.isNull() ? null : shown.bytes())
                .bind("resultCodec", shown == null ? null : shown.codec())
                .bindFailure(failure);
    }

    /** The columns of a failure; NULL without one. */
    @CanIgnoreReturnValue
    public Parameters bindFailure(@Nullable Failure failure) {
        return bind("failureCode", failure == null ? null : failure.code())
                .bind("failureMessage", failure == null ? null : failure.message());
    }

    /** The columns of a record's numbers. */
    @CanIgnoreReturnValue
    public Parameters bindNumbers(RecordNumbers numbers) {
        return bind("life", numbers.life())
                .bind("attempt", numbers.attempt())
                .bind("refusals", numbers.refusals())
                .bind("providerKeyNumber", numbers.providerKey());
    }

    /** A lease, never shorter than requested, however coarse the clock is. */
    @CanIgnoreReturnValue
    public Parameters bindLease(Duration value) {
        return bind("lease", dialect == Dialect.SQLITE ? value.plusMillis(clock.granularityMillis()) : value);
    }

    /** The time, read before the statement waits for anything: a late answer shortens a lease, and never extends it. */
    @CanIgnoreReturnValue
    public Parameters bindNow() {
        if (dialect != Dialect.SQLITE) {
            return this;
        }
        nowMillis = clock.nowMillis();
        return bind("now", nowMillis);
    }

    /** The time that was {@linkplain #bindNow bound}. */
    Instant now() {
        return Instant.ofEpochMilli(nowMillis);
    }

    /** A JSON array of these ids in hexadecimal. */
    public static String json(List<UUID> ids) {
        return ids.stream().map(id -> "\"" + hex(id) + "\"").collect(Collectors.joining(",", "[", "]"));
    }

    /** The bytes of {@code value} in hexadecimal. */
    public static String hex(UUID value) {
        return HexFormat.of().formatHex(Dialect.bytes(value));
    }
}
