package io.toolgate.store.jdbc;

import static org.assertj.core.api.Assertions.assertThat;

import io.toolgate.Failure;
import io.toolgate.store.Lease;
import io.toolgate.store.RecordId;
import io.toolgate.store.TransitionOutcome.Applied;
import java.nio.file.Path;
import java.util.List;
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

    /** Over rowids with great gaps in between, as a purge leaves them. */
    @Override
    void spread(List<RecordId> ids) {
        Backend backend = Backend.sqlite(directory);
        try (JdbcIdempotencyStore store = backend.builder().open()) {
            for (int i = 0; i < ids.size(); i++) {
                Lease lease = TestRequests.acquired(store, TestRequests.hold(ids.get(i)));
                assertThat(store.fail(lease, Failure.unknown("timeout", ""))).isInstanceOf(Applied.class);
                backend.run("UPDATE tg_idempotency SET rowid = " + (i + 1) * 1_000_000_000L
                        + " WHERE idempotency_key = '" + ids.get(i).key() + "'");
            }
        }
    }
}
