package io.toolgate.store.jdbc;

class PostgresTransactionTest extends TransactionRules {
    @Override
    Backend openBackend() {
        return Backend.postgres();
    }

    @Override
    boolean survivesAFailedStatement() {
        return false;
    }
}
