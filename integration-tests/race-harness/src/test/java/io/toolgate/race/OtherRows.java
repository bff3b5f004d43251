package io.toolgate.race;

import static org.assertj.core.api.Assertions.assertThat;

import io.toolgate.Failure;
import io.toolgate.Fingerprint;
import io.toolgate.IdempotencyKey;
import io.toolgate.Outcome;
import io.toolgate.PaidAction;
import io.toolgate.ResultCodec;
import io.toolgate.ToolGate;
import io.toolgate.store.IdempotencyRecord;
import io.toolgate.store.RecordId;
import io.toolgate.store.jdbc.JdbcIdempotencyStore;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Rows that were in a database before a run, with keys that a run has too, under another tenant, and stay there. */
public final class OtherRows implements AutoCloseable {
    private static final List<String> KEYS = List.of("key-000000", "key-000001");

    private static final String ACTION = "charge-for-others";

    private final JdbcIdempotencyStore store;
    private final String url;
    private final @Nullable String user;
    private final @Nullable String password;
    private final List<IdempotencyRecord> before;

    public OtherRows(String url, @Nullable String user, @Nullable String password) {
        JdbcIdempotencyStore.Builder builder = JdbcIdempotencyStore.builder(url);
        if (user != null && password != null) {
            builder.user(user).password(password);
        }
        this.store = builder.open();
        this.url = url;
        this.user = user;
        this.password = password;
        PaidAction<String, String> action = PaidAction.<String, String>named(ACTION)
                .run((input, attempt) -> {
                    if (input.equals(KEYS.get(1))) {
                        throw new IllegalStateException("in doubt");
                    }
                    return input;
                })
                .codec(ResultCodec.text())
                .fingerprint(Fingerprint.text())
                .classify(Failure::unknown)
                .build();
        try (ToolGate gate = ToolGate.on(store).build()) {
            for (String key : KEYS) {
                Outcome<String> outcome = gate.execute(action, IdempotencyKey.of(key), key);
                assertThat(outcome.isCompleted()).isEqualTo(key.equals(KEYS.get(0)));
            }
        }
        this.before = read();
        assertThat(before).hasSize(KEYS.size());
    }

    private List<IdempotencyRecord> read() {
        return KEYS.stream()
                .map(key -> store.peek(RecordId.of(IdempotencyKey.DEFAULT_TENANT, ACTION, key))
                        .orElseThrow())
                .toList();
    }

    public void assertUntouched() {
        assertThat(read())
                .usingRecursiveFieldByFieldElementComparatorIgnoringFields("readAt")
                .isEqualTo(before);
    }

    public int rowsOf(String tenant) throws SQLException {
        return count("SELECT count(*) FROM tg_idempotency WHERE tenant = ?", tenant);
    }

    /** Nobody but the tenant of these rows has any. */
    public void assertNoOthers() throws SQLException {
        assertThat(count("SELECT count(*) FROM tg_idempotency WHERE tenant <> ?", IdempotencyKey.DEFAULT_TENANT))
                .isZero();
    }

    private int count(String sql, String tenant) throws SQLException {
        try (Connection connection = DriverManager.getConnection(url, user, password);
                PreparedStatement count = connection.prepareStatement(sql)) {
            count.setString(1, tenant);
            try (ResultSet row = count.executeQuery()) {
                row.next();
                return row.getInt(1);
            }
        }
    }

    @Override
    public void close() {
        store.close();
    }
}
