package io.toolgate.store.jdbc;

class PostgresHerdTest extends HerdRules {
    @Override
    Backend openBackend() {
        return Backend.postgres();
    }
}
