package io.toolgate.store.jdbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.toolgate.Failure;
import io.toolgate.store.Lease;
import io.toolgate.store.RecordId;
import io.toolgate.store.TransitionOutcome.Applied;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SqliteRowTest extends RowRules {
    @TempDir
    Path directory;

    @Override
    Backend openBackend() {
        return Backend.sqlite(directory);
    }

    @Override
    List<String> withoutChecks(String spoil) {
        return List.of("PRAGMA ignore_check_constraints = ON", spoil);
    }

    @Override
    String[] refuseResults() {
        return new String[] {
            "CREATE TRIGGER no_results BEFORE UPDATE ON tg_idempotency WHEN new.result IS NOT NULL"
                    + " BEGIN SELECT raise(ABORT, 'no results here'); END"
        };
    }

    /** The store leaves the CHECKs out, so the contract's tests have to notice what they would have refused. */
    @Test
    void theContractNoticesARowThatTheSchemaForbids() {
        Backend backend = Backend.sqlite(directory);
        try (JdbcIdempotencyStore store = backend.builder().open()) {
            var unused = Ask.acquired(store, Ask.hold(Ask.freshId()));
        }
        try (SqliteUnderTest contract = new SqliteUnderTest(directory.resolve("store.db"))) {
            contract.check();
            backend.run("PRAGMA ignore_check_constraints = ON", "UPDATE tg_idempotency SET result_codec = 'text/1'");
            assertThatThrownBy(contract::check)
                    .isInstanceOf(AssertionError.class)
                    .hasMessageContaining("CHECK");
        }
    }

    /** Over rowids with great gaps in between, as a purge leaves them. */
    @Override
    void spread(List<RecordId> ids) {
        Backend backend = Backend.sqlite(directory);
        try (JdbcIdempotencyStore store = backend.builder().open()) {
            for (int i = 0; i < ids.size(); i++) {
                Lease lease = Ask.acquired(store, Ask.hold(ids.get(i)));
                assertThat(store.fail(lease, Failure.unknown("timeout", ""))).isInstanceOf(Applied.class);
                backend.run("UPDATE tg_idempotency SET rowid = " + (i + 1) * 1_000_000_000L
                        + " WHERE idempotency_key = '" + ids.get(i).key() + "'");
            }
        }
    }
}
