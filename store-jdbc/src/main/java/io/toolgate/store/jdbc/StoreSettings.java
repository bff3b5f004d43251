package io.toolgate.store.jdbc;

import java.time.Duration;
import java.util.function.UnaryOperator;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;

/**
 * What a builder collected.
 *
 * @param user null to leave it to the URL
 * @param password null to leave it to the URL
 * @param migrate whether to create or upgrade the schema; null for what fits the database
 * @param journal whether the journal must be on, or off if this store migrates; null to leave it as it is
 * @param poolSize the number of connections; for SQLite, of readers; 0 for the default
 * @param statementTimeout how long the server works on one statement
 * @param transactionPooling whether a proxy may give each transaction another server connection
 * @param purgeOnly whether the role is only meant to purge
 * @param sharing which writes share commits
 * @param clock for tests: replaces the host's clock of a SQLite store
 * @param wrapper for tests: stands between the store and its connections
 * @param budget for tests: how long an operation is tried; null for twice the statement timeout
 */
record StoreSettings(
        @Nullable String user,
        @Nullable String password,
        @Nullable Boolean migrate,
        @Nullable Boolean journal,
        int poolSize,
        Duration statementTimeout,
        boolean transactionPooling,
        boolean purgeOnly,
        Sharing sharing,
        @Nullable StoreClock clock,
        UnaryOperator<DataSource> wrapper,
        @Nullable Duration budget) {

    /** Which writes share commits with those of other callers. */
    enum Sharing {
        /** None. */
        NONE,
        /** Those that come while others are in flight. */
        ADAPTIVE,
        /** All that can, were they the only ones; for tests. */
        ALL
    }

    static final Duration DEFAULT_STATEMENT_TIMEOUT = Duration.ofSeconds(5);

    /** How long an operation is tried again before the store is said to be unavailable. */
    Duration attemptBudget() {
        return budget == null ? statementTimeout.multipliedBy(2) : budget;
    }

    /** How many connections transactions with a body may take at one time: half of them, so that the rest of the store goes on. */
    int transactionsAtOnce() {
        return Math.max(1, (poolSize == 0 ? PostgresOpener.DEFAULT_POOL_SIZE : poolSize) / 2);
    }

    boolean migrateOr(boolean fallback) {
        return migrate == null ? fallback : migrate;
    }
}
