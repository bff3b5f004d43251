package io.toolgate.bench.rivals;

import org.jspecify.annotations.Nullable;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.TransactionDefinition;
import org.springframework.transaction.TransactionStatus;
import org.springframework.transaction.support.SimpleTransactionStatus;

/**
 * Spring's transactions without any: each statement commits by itself. For libraries that open a transaction around
 * what is right without one, which saves them a round trip for every commit.
 */
final class Autocommit implements PlatformTransactionManager {
    @Override
    public TransactionStatus getTransaction(@Nullable TransactionDefinition definition) {
        return new SimpleTransactionStatus();
    }

    @Override
    public void commit(TransactionStatus status) {
        // Committed already, statement by statement.
    }

    @Override
    public void rollback(TransactionStatus status) {
        // The statement that failed did nothing, and nothing follows it.
    }
}
