package io.toolgate.scenarios;

import io.toolgate.store.IdempotencyStore;
import io.toolgate.store.jdbc.JdbcIdempotencyStore;

class PostgresScenariosIT extends Scenarios {
    @Override
    IdempotencyStore openStore() {
        return JdbcIdempotencyStore.open(RealPostgres.url());
    }
}
