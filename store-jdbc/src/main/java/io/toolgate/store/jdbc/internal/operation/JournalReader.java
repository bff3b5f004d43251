package io.toolgate.store.jdbc.internal.operation;

import io.toolgate.store.RecordId;
import io.toolgate.store.RecordState;
import io.toolgate.store.StoreException;
import io.toolgate.store.jdbc.JournalEntry;
import io.toolgate.store.jdbc.internal.sql.Dialect;
import io.toolgate.store.jdbc.internal.sql.RetryLoop;
import io.toolgate.store.jdbc.internal.sql.RetryLoop.OnInterrupt;
import io.toolgate.store.jdbc.internal.sql.SqlFiles.Name;
import io.toolgate.store.jdbc.internal.sql.SqlRunner;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Reads the journal. What writes it are triggers, which the scripts of the migrations make and drop. */
public final class JournalReader {
    private final SqlRunner statements;
    private final RetryLoop attempts;

    public JournalReader(SqlRunner statements, RetryLoop attempts) {
        this.statements = statements;
        this.attempts = attempts;
    }

    public List<JournalEntry> read(RecordId id) {
        return attempts.run(
                "a read of the journal of " + id,
                OnInterrupt.STOP,
                () -> statements.read(Name.JOURNAL, s -> s.bind("id", id.toUuid()), row -> entry(row)));
    }

    private JournalEntry entry(ResultSet row) throws SQLException {
        Dialect dialect = statements.dialect();
        String from = row.getString("from_status");
        String decision = row.getString("decision");
        return new JournalEntry(
                row.getLong("entry"),
                present(dialect.uuid(row, "record_id")),
                present(dialect.instant(row, "at")),
                row.getLong("fence"),
                row.getLong("version"),
                from == null ? null : state(from),
                state(row.getString("to_status")),
                row.getString("owner"),
                dialect.instant(row, "lease_until"),
                dialect.instant(row, "previous_lease_until"),
                row.getString("failure_code"),
                row.getString("failure_message"),
                row.getString("checkpoint"),
                decision == null ? null : KeyHistories.decision(decision),
                row.getString("operator"),
                row.getString("reason"));
    }

    private static RecordState state(String name) {
        for (RecordState state : RecordState.values()) {
            if (state.name().equals(name)) {
                return state;
            }
        }
        throw corrupt();
    }

    private static <T> T present(@Nullable T value) {
        if (value == null) {
            throw corrupt();
        }
        return value;
    }

    private static StoreException.Corrupt corrupt() {
        return new StoreException.Corrupt(
                "A row of tg_idempotency_journal cannot be read: a column holds what this version does not know. It is left"
                        + " as it is; look at the row, and whether a newer version wrote it",
                null);
    }
}
