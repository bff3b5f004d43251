package io.toolgate.store.jdbc;

import io.toolgate.store.jdbc.TestPostgres.TestDatabase;
import org.junit.jupiter.api.AutoClose;

class PostgresClaimInputTest extends ClaimInputRules {
    @AutoClose("drop")
    private static final TestDatabase OWN = TestPostgres.migrated();

    @Override
    Backend openBackend() {
        return Backend.postgres(OWN);
    }

    @Override
    String[] refuseInputs() {
        return new String[] {
            "ALTER TABLE tg_idempotency_checkpoint ADD CONSTRAINT no_inputs CHECK (name <> 'toolgate:input') NOT VALID"
        };
    }

    @Override
    String[] takeInputsAgain() {
        return new String[] {"ALTER TABLE tg_idempotency_checkpoint DROP CONSTRAINT no_inputs"};
    }
}
