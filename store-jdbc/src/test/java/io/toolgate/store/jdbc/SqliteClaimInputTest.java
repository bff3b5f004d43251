package io.toolgate.store.jdbc;

import java.nio.file.Path;
import org.junit.jupiter.api.io.TempDir;

class SqliteClaimInputTest extends ClaimInputRules {
    @TempDir
    Path directory;

    @Override
    Backend openBackend() {
        return Backend.sqlite(directory);
    }

    @Override
    String[] refuseInputs() {
        // A trigger's error would end the transaction; this one only undoes the statement, as a CHECK does.
        return new String[] {
            "CREATE UNIQUE INDEX no_inputs ON tg_idempotency_checkpoint (name)",
            "INSERT INTO tg_idempotency_checkpoint (record_id, name, codec, fence, version, record_created_at,"
                    + " written_at, life) VALUES (zeroblob(16), 'toolgate:input', 'c', 1, 1, 0, 0, 1)"
        };
    }

    @Override
    String[] takeInputsAgain() {
        return new String[] {
            "DROP INDEX no_inputs", "DELETE FROM tg_idempotency_checkpoint WHERE record_id = zeroblob(16)"
        };
    }
}
