package io.toolgate.store.jdbc.internal.sql;

import io.toolgate.Failure;
import io.toolgate.store.ClaimToken;
import io.toolgate.store.IdempotencyRecord;
import io.toolgate.store.InputFingerprint;
import io.toolgate.store.Payload;
import io.toolgate.store.RecordId;
import io.toolgate.store.RecordNumbers;
import io.toolgate.store.RecordState;
import io.toolgate.store.StoreException;
import io.toolgate.store.jdbc.internal.error.SqlErrorKind;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Maps a row of {@code tg_idempotency} to a record.
 *
 * <p>Fails closed: a row that cannot be a record is refused with a {@link StoreException.Corrupt} that names its
 * {@code record_id} and the fault, never its key or its result. It is not repaired, and a claim never treats it as
 * absent.
 */
public final class RecordMapper {
    private final Dialect dialect;

    public RecordMapper(Dialect dialect) {
        this.dialect = dialect;
    }

    /** Reads the row of {@code expected}, whose texts must be these very ones. */
    public IdempotencyRecord read(ResultSet row, RecordId expected) throws SQLException {
        return read(row, expected.toUuid(), expected);
    }

    /** Reads the row of any record, whose texts must belong to its {@code record_id}. */
    public IdempotencyRecord read(ResultSet row) throws SQLException {
        UUID id = dialect.uuid(row, "record_id");
        if (id == null) {
            throw new StoreException.Corrupt("a row of tg_idempotency has no usable record_id", null);
        }
        return read(row, id, null);
    }

    private IdempotencyRecord read(ResultSet row, UUID id, @Nullable RecordId expected) throws SQLException {
        try {
            return convert(row, identity(row, id, expected), id);
        } catch (IllegalArgumentException e) {
            throw corrupt(id, e.getMessage());
        } catch (SQLException e) {
            // The driver could not convert the value of a column; any other error is one of the connection.
            if (SqlErrorKind.of(e) == SqlErrorKind.REFUSED) {
                throw corrupt(id, "a column holds a value of another type (SQLSTATE " + e.getSQLState() + ")");
            }
            throw e;
        }
    }

    private static RecordId identity(ResultSet row, UUID id, @Nullable RecordId expected) throws SQLException {
        RecordId stored =
                RecordId.of(row.getString("tenant"), row.getString("action"), row.getString("idempotency_key"));
        if (expected != null ? !stored.equals(expected) : !stored.toUuid().equals(id)) {
            throw corrupt(
                    id,
                    "its tenant, action and key do not belong to its record_id: the row was changed by hand, or two"
                            + " keys share a hash");
        }
        return stored;
    }

    private IdempotencyRecord convert(ResultSet row, RecordId identity, UUID id) throws SQLException {
        RecordState state = state(row.getString("status"), id);
        long fence = row.getLong("fence");
        long version = row.getLong("version");
        if (fence < 1 || version < fence) {
            throw corrupt(id, "fence " + fence + " and version " + version + " contradict each other");
        }
        byte[] fingerprint = row.getBytes("fingerprint");
        return new IdempotencyRecord(
                identity,
                state,
                fence,
                version,
                ClaimToken.of(present(dialect.uuid(row, "claim_token"), "claim_token", id)),
                present(row.getString("owner"), "owner", id),
                time(row, "lease_until", id),
                InputFingerprint.ofStored(present(fingerprint, "fingerprint", id)),
                row.getBoolean("stores_rows"),
                new RecordNumbers(
                        row.getInt("life"),
                        row.getInt("attempt"),
                        row.getInt("refusals"),
                        row.getInt("provider_key_number")),
                state == RecordState.COMPLETED ? payload(row, id) : null,
                failure(row, state, id),
                time(row, "created_at", id),
                time(row, "updated_at", id),
                time(row, "expires_at", id),
                time(row, "read_at", id));
    }

    private static RecordState state(@Nullable String status, UUID id) {
        for (RecordState state : RecordState.values()) {
            if (state.name().equals(status)) {
                return state;
            }
        }
        throw corrupt(id, "this version of ToolGate does not know its status; a newer one may have written it");
    }

    private static Payload payload(ResultSet row, UUID id) throws SQLException {
        String codec = row.getString("result_codec");
        byte[] bytes = row.getBytes("result");
        if (codec != null) {
            return bytes == null ? Payload.ofNull(codec) : Payload.of(codec, bytes);
        }
        String code = row.getString("failure_code");
        if (code == null || bytes != null) {
            throw corrupt(id, "it is completed, but has neither a codec nor a reason why its result is unavailable");
        }
        return Payload.unavailable(unavailable(code, row.getString("failure_message")));
    }

    /** The reason of an unavailable result as it reads back: its kind is not stored, because the run is over. */
    static Failure unavailable(String code, @Nullable String message) {
        return Failure.rejected(code, message);
    }

    /**
     * {@code result} as it reads back, where its reason is a rejection: a repeated completion must compare equal to it.
     */
    public static Payload asStored(Payload result) {
        if (result.isAvailable()) {
            return result;
        }
        Failure reason = result.reason();
        return Payload.unavailable(unavailable(reason.code(), reason.message()));
    }

    private static @Nullable Failure failure(ResultSet row, RecordState state, UUID id) throws SQLException {
        Failure.@Nullable Kind kind = switch (state) {
            case IN_PROGRESS, COMPLETED -> null;
            case REJECTED -> Failure.Kind.REJECTED;
            case RETRYABLE -> Failure.Kind.NOT_EXECUTED;
            case IN_DOUBT -> Failure.Kind.UNKNOWN;
        };
        return kind == null
                ? null
                : Failure.of(
                        kind,
                        present(row.getString("failure_code"), "failure_code", id),
                        row.getString("failure_message"));
    }

    private Instant time(ResultSet row, String column, UUID id) throws SQLException {
        return present(dialect.instant(row, column), column, id);
    }

    private static <T> T present(@Nullable T value, String column, UUID id) {
        if (value == null) {
            throw corrupt(id, column + " is missing or unusable");
        }
        return value;
    }

    private static StoreException.Corrupt corrupt(UUID id, @Nullable String why) {
        return new StoreException.Corrupt(
                "The record with record_id " + id + " cannot be read: " + why
                        + ". It was not changed, and its action does not run; inspect the row and repair it by hand",
                null);
    }

    /** {@code at}, the time of a change, which the schema never leaves NULL. */
    public static Instant requireTime(@Nullable Instant at) {
        if (at == null) {
            throw new IllegalStateException("updated_at came back NULL, which the schema does not allow");
        }
        return at;
    }
}
